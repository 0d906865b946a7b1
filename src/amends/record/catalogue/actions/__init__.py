"""What may be done to offers, areas and names of codes: one verb a file."""
