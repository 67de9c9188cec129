"""The command line: it opens every room, and runs one notebook, or many with different parameters."""
