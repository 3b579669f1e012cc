"""What tests share: a running server, a watched browser, the page's modules."""
