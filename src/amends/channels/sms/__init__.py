"""Text messages by SMPP 3.4: one bound session, out and in, held while the operator has set it."""
