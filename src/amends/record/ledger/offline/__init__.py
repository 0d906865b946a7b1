"""Programs for those who verify without Amends."""
