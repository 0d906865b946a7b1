"""The `amends` command and its exit codes: 0 done, 1 refused or findings, 2 bad input."""

from __future__ import annotations

import os

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def _start() -> None:
    """Telecom complaints with their evidence, and what prevents them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")


def main() -> None:
    """Run the command line."""
    app()
