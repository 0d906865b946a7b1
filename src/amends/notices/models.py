"""What notices keeps."""
