"""One bulletin, four formats: each shows the same object."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import is_chinese
from amends.problems.indicators.rules.bulletin import Bulletin
from amends.problems.indicators.texts.documents.data import as_csv
from amends.problems.indicators.texts.documents.page import as_html
from amends.problems.indicators.texts.documents.workbook import as_xlsx


def as_pdf(bulletin: Bulletin) -> bytes:
    """See `print.as_pdf`; what lays it out takes 20 MB, which the service holds once asked."""
    from amends.problems.indicators.texts.documents import pdf as printed

    return printed.as_pdf(bulletin)


FORMATS: dict[str, tuple[Callable[[Bulletin], bytes], str]] = {
    "html": (as_html, "text/html; charset=utf-8"),
    "pdf": (as_pdf, "application/pdf"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
}


class UnableToWriteBulletin(BadInput):
    """There is no such format."""

    code = "unable_to_write_bulletin"


def document(bulletin: Bulletin, form: str) -> tuple[bytes, str, str]:
    """The bulletin in a format: its bytes, its media type, its file name."""
    if form not in FORMATS:
        raise UnableToWriteBulletin(
            _("There is no format “%(form)s”.") % {"form": form[:20]},
            next_step=_("Choose from %(names)s.") % {"names": ", ".join(FORMATS)},
        )
    write, media_type = FORMATS[form]
    public = "-public" if bulletin.is_public else ""
    language = "zh" if is_chinese(bulletin.language) else "en"
    name = f"bulletin-{bulletin.quarter.replace('-', '')}{public}-{language}.{form}"
    return write(bulletin), media_type, name
