"""The lowest layer: money, periods, calendars, packs, identifiers and errors."""
