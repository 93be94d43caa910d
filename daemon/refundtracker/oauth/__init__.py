"""Signing in with a provider instead of a password."""
