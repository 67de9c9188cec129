"""The command line: it opens every room, and runs one notebook, or many with different parameters."""

INTERRUPTED = 130  # exit status of what Ctrl-C stopped, as shells have it: 128 + SIGINT
