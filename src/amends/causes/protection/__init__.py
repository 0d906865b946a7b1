"""Protection of users from spam, nuisance calls and fraud."""
