"""The bottom of the house: money, periods, calendars, packs, identifiers and errors."""
