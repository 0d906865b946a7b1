"""Amends: every complaint meets its evidence and a decision, and every cause a gate."""
