"""The fault run: the service is killed again and again, and at the end nothing may be lost or doubled."""
