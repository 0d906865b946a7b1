"""Users, services, offers and areas of the operator."""
