"""The only door to a person's data: users, roles, cases, grants."""
