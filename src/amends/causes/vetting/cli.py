"""`amends vetting`: apps, links of a service and content checked.

Each command is in a module of its own (`cli_check`, `cli_locate`, `cli_content`) and listed in
`apps.py`, so that only the one that runs is imported.
"""

from __future__ import annotations

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="Check apps, locate faults of services, judge content.",
)


@app.callback()
def _vetting() -> None:
    """Check apps, locate faults of services, judge content."""
