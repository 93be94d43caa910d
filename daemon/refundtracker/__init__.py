"""The refund tracker: everything with a clock, a socket, a file or a terminal."""
