"""`amends knowledge`: search articles, list them, import, export and check them."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="Articles that answer questions.")


@app.callback()
def _knowledge() -> None:
    """Articles that answer questions."""
