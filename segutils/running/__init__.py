"""Running notebooks from the command line: one, or many with different parameters."""
