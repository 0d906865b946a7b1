"""Entrances for people and other systems: public site, API, chat, self-service, feeds."""
