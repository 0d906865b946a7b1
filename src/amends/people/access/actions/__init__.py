"""What may be done with cases and personal data: one verb a file, each leaves a fact."""
