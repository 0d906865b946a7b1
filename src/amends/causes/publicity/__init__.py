"""Adverts held against the key facts of offers before and while they are published."""
