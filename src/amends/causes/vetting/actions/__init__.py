"""Actions, one module each."""
