"""Files a command writes: never one it reads, and one that exists only with --force."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

FORCE = Annotated[
    bool, typer.Option("--force", help="Overwrite the output file if it exists already.")
]


class UnableToOverwrite(BadInput):
    """A file would be lost that the command reads, or that exists already."""

    code = "unable_to_overwrite"


def check_output(
    out: Path | None, *, force: bool = False, inputs: Sequence[Path | None] = ()
) -> None:
    """Refuse an output file that is one of the inputs, or that exists and is not to be replaced."""
    if out is None or not out.is_file():
        return
    check_not_read(out, inputs)
    if not force:
        raise UnableToOverwrite(
            _("%(file)s exists already."),
            meaning=_("Nothing was written."),
            next_step=_("Name another file, or overwrite it with --force."),
            values={"file": out},
        )


def check_not_read(out: Path | None, inputs: Sequence[Path | None]) -> None:
    """Refuse an output file that is one of the inputs."""
    if out is None or not out.exists():
        return
    if any(
        input_file.exists() and out.samefile(input_file)
        for input_file in inputs
        if input_file is not None
    ):
        raise UnableToOverwrite(
            _("%(file)s is read by this command and would be overwritten."),
            meaning=_("Nothing was written."),
            next_step=_("Name another file to write."),
            values={"file": out},
        )
