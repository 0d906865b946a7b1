"""Append-only facts, numbered and provable."""
