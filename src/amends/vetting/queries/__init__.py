"""Queries for other apps."""
