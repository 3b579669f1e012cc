"""Everything that learns. Imports nothing of `app`, knows no socket and no HTTP."""
