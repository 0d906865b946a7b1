"""What the worker does for speed tests."""
