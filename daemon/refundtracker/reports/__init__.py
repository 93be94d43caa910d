"""What is sent or written for people: the weekly summary and its kin."""
