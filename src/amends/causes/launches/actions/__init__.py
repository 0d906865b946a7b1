"""What may be done with launches: one verb a file."""
