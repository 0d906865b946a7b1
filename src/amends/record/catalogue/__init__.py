"""Offers with their versions and key facts, and the areas they are sold in."""
