"""What confirmations keeps."""
