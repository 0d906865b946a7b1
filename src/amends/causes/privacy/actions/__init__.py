"""What may be done in privacy: one verb a file."""
