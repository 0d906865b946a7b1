"""Reads an advert into statements; `reading.read` is the entrance."""
