"""What may be done with messages, one verb a file."""
