"""What may be done to the ledger: one verb a file."""
