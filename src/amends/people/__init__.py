"""Users, their rights and their services: access, subscribers, partners, the operator."""
