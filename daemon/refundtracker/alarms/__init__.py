"""What is wrong, who was told of it, and the ways to tell."""
