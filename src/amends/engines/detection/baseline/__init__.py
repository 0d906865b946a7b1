"""What is expected of a cell in a period."""
