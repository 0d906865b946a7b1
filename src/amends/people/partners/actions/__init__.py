"""What may be done with partners: one verb a file."""
