"""What hotissues keeps."""
