"""Training speed beside other libraries, on the same data and networks: `make bench-peers`."""
