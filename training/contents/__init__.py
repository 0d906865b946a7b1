"""Contents of services to learn from: written for this project, no content of a real service."""
