"""Shared causes of many complaints: hot issues, emergencies, measures, indicators."""
