"""The edge to IMAP servers: the only rooms of imapclient."""
