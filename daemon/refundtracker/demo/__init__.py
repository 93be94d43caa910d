"""The product on a sample mailbox: a real IMAP server of its own, and the daemon's own code."""
