"""Amends: every complaint meets its evidence and a decision, and every cause a gate."""

__version__ = "0.2.0"
