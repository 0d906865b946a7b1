"""What a command says of a file that stood where it wrote."""

from __future__ import annotations

from pathlib import Path

from amends.platform.cli.language import gettext as _


def note_renamed(earlier_file: Path | None) -> list[str]:
    """A sentence where an earlier file was kept under another name; none where there was none."""
    if earlier_file is None:
        return []
    return [_("The earlier file is kept as %(file)s.") % {"file": earlier_file}]
