"""Starting Django from the command line, with the settings' own errors as sentences."""

from __future__ import annotations

import sys

import typer


def start() -> None:
    """Make the rooms usable; a setting that is not understood ends the command with 2."""
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
