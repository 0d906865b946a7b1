"""Which language the command line speaks, and its words in it.

It is the terminal's: the first of LC_ALL, LC_MESSAGES and LANG that is set. Where that names no
language (nothing set, C, POSIX), it is AMENDS_LANGUAGE, else English. `--json` is for programs and
stays English. docs/operator/settings.md says the same.

The texts are in the catalogues of the apps, as everywhere; they are read here without Django, so
that `amends --help` does not wait for it and a refusal of the settings has its translation.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from amends.platform.kit.errors import AmendsError
from amends.platform.kit.translatable import translated as in_language

CHINESE, ENGLISH = "zh-hans", "en"
_SOURCE = Path(__file__).parents[3]
_CATALOGUE = "locale/zh_Hans/LC_MESSAGES/django.mo"
_chosen: ContextVar[str] = ContextVar("language of the command line", default="")


def language() -> str:
    """The language a command answers in: "zh-hans" or "en"."""
    if chosen := _chosen.get():
        return chosen
    if json_asked():
        return ENGLISH
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    terminal = next(filter(None, named), "").partition(".")[0].lower()
    if terminal in ("", "c", "posix"):
        terminal = os.environ.get("AMENDS_LANGUAGE", "").strip()
    return CHINESE if terminal.startswith("zh") else ENGLISH


def json_asked() -> bool:
    """Whether the command was given `--json`: known before its options are parsed."""
    return "--json" in sys.argv[1:]


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Within it commands answer in the language somebody chose, whatever the terminal's."""
    before = _chosen.set(chosen)
    try:
        yield
    finally:
        _chosen.reset(before)


def gettext(message: str) -> str:
    """The words in the reader's language."""
    return _said(message, lambda app: app.gettext(message))


def ngettext(singular: str, many: str, count: int) -> str:
    """The words for one, or for many, in the reader's language."""
    plain = singular if count == 1 else many
    return _said(plain, lambda app: app.ngettext(singular, many, count))


def pgettext(context: str, message: str) -> str:
    """The words in the reader's language, where the same words mean another thing elsewhere."""
    return _said(message, lambda app: app.pgettext(context, message))


def error_text(error: AmendsError) -> str:
    """What happened, what it means, and what to do next, in the reader's language."""
    if language() == ENGLISH:
        return str(error)
    if own := getattr(error, "zh", ""):
        return own + gettext(error.meaning)
    return error.in_words(gettext)


def translate_sentence(sentence: object) -> str:
    """What a rule said in English (`kit.said`), in the reader's language."""
    return str(in_language(sentence, gettext))


def _said(plain: str, look: Callable[[GNUTranslations], str]) -> str:
    if plain and language() == CHINESE:
        for app in _apps():
            if (translation := look(_catalogue(app))) != plain:
                return translation
    return plain


@cache
def _apps() -> tuple[Path, ...]:
    """The catalogues, that of this app first: most of what a command says stands there."""
    catalogue_paths = sorted(
        path
        for pattern in ("amends/*", "amends/*/*", "amends_demo")
        for path in _SOURCE.glob(f"{pattern}/{_CATALOGUE}")
    )
    return tuple(sorted(catalogue_paths, key=lambda path: path.parents[3].name != "site"))


@cache
def _catalogue(path: Path) -> GNUTranslations:
    with path.open("rb") as file:
        return GNUTranslations(file)
