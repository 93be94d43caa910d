"""The work that a service does beside reading mail, each job in a thread of its own."""
