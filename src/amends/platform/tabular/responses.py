"""A table as a CSV download."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from amends.platform.tabular.exports import write_csv


def csv_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """The rows as a file to download; the mark at its start tells spreadsheets that it is UTF-8."""
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    write_csv(out, header, rows)
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
