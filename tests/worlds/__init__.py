"""Invented buyers with known truth: what they bought, disputed and got back, and what mail told of it."""
