"""Holds the statements of an advert against the record of its offer: `compare` is the entrance."""
