"""A refusal becomes a page that says what happened, what it means, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language, gettext

from amends.platform.kit.errors import AmendsError, BadInput, UnableToReuseKey, Unavailable
from amends.platform.kit.formats import is_chinese


def status_of(error: AmendsError, *, refused: int = 403, unknown: int = 404) -> int:
    """The HTTP status of a refusal.

    refused  of what is understood and not allowed
    unknown  of what does not exist, or not for this user

    >>> status_of(BadInput("The file is empty."))
    400
    """
    if error.code.endswith("_unknown"):
        return unknown
    if isinstance(error, BadInput):
        return 400
    if isinstance(error, UnableToReuseKey):
        return 409
    return 503 if isinstance(error, Unavailable) else refused


@dataclass(frozen=True, slots=True)
class RefusalPage:
    """A refusal in the reader's language."""

    what: str
    meaning: str
    next_step: str

    def __str__(self) -> str:
        between = "" if _reads_chinese() else " "
        return between.join(part for part in (self.what, self.meaning, self.next_step) if part)


def refusal_text(error: AmendsError) -> RefusalPage:
    """The words of a refusal for whoever reads the page.

    Actions mark their words (`gettext_noop`) and raise them in English, as programs, logs and the
    shell read them; the page translates. An error of a rule may bring its own `zh`.
    """
    if _reads_chinese() and (own := getattr(error, "zh", "")):
        return RefusalPage(own, _in_reader_s(error.meaning), "")
    return RefusalPage(*error.translated(gettext))


def _reads_chinese() -> bool:
    return is_chinese(get_language() or "")


def _in_reader_s(text: str) -> str:
    return gettext(text) if text else ""


def refuse_form(form: Form, error: AmendsError, field: str | None = None) -> int:
    """Add a refusal to a form, at a field or above all; returns the HTTP status."""
    form.add_error(field, str(refusal_text(error)))
    return status_of(error)


def refusals_as_pages(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Answer `AmendsError` with the page of refusals instead of the page of our own mistakes."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except AmendsError as error:
            return refused(request, error)

    return answered


def refused(request: HttpRequest, error: AmendsError) -> HttpResponse:
    """The page of a refusal."""
    return render(
        request, "desk/refused.html", {"error": refusal_text(error)}, status=status_of(error)
    )
