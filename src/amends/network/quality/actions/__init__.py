"""What is done with speed tests, one verb a file."""
