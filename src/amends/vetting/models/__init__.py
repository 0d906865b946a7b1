"""Rows of the app, one module a subject."""
