"""The desk of `tests/access_desk.py`, as a fixture."""

from access_desk import desk

__all__ = ["desk"]
