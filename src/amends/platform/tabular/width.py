"""How wide a table of text is, known before it is read: a column costs memory even where empty."""

from __future__ import annotations

from pathlib import Path

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

MAX_COLUMNS = 25_010
"""25,000 series of counts, and the columns of their dates and version."""
_LONGEST_HEADER = 4_000_000


def check_width(path: Path) -> None:
    """Refuse a CSV file whose header has more columns than are read; other files are let pass."""
    if not path.is_file() or path.suffix.lower() not in (".csv", ".tsv", ".txt", ""):
        return
    with path.open("rb") as file:
        header = file.readline(_LONGEST_HEADER)
    columns = 1 + max(header.count(separator) for separator in (b",", b";", b"\t"))
    if columns > MAX_COLUMNS or len(header) == _LONGEST_HEADER:
        raise BadInput(
            _("%(file)s has %(columns)s columns; at most %(most)s are read."),
            meaning=_("It was not opened."),
            next_step=_("Send fewer columns, or several files."),
            values={"file": path.name, "columns": f"{columns:,}", "most": f"{MAX_COLUMNS:,}"},
            code="table_too_wide",
        )
