"""Telephone: what callers say, taken down by the person who took the call or by a call system."""
