"""Signals of the command line."""

from __future__ import annotations

from django.dispatch import Signal

command_started = Signal()
"""Sent at the start of every command that uses Django."""
database_created = Signal()
"""Sent with `now` after the tables of a new embedded database are created."""
