"""What may be done to subscribers, services, offers and areas: one verb a file."""
