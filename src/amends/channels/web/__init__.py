"""Pages about the channels for administrators."""
