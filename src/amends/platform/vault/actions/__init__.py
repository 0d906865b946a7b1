"""What may be done with keys: one verb a file."""
