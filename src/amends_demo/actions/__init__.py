"""Bring a simulated world to life: load it, let its people complain, compare with the truth."""
