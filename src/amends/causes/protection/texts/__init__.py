"""Texts for victims of a fraud."""
