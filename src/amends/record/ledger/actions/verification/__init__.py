"""Is everything on record as it was recorded? What differs is named."""
