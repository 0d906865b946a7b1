"""The database itself: what it refuses by trigger, and many rows in and out at once."""
