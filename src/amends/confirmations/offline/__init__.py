"""What a stranger runs without Amends."""
