"""What indicators keeps."""
