"""What the worker does with uploaded files."""
