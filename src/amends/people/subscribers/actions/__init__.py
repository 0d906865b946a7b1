"""What may be done to subscribers, and services: one verb a file."""
