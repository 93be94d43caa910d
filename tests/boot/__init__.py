"""The unit under a real systemd: `make test-systemd`."""
