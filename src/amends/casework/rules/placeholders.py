"""Placeholders of text modules: `{{ code }}` is filled with what is known of the case."""

from __future__ import annotations

import re
from collections.abc import Mapping

from amends.kit.errors import BadInput, gettext_noop

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class UnableToFillPlaceholder(BadInput):
    """A placeholder has no value for this case, or there is none of that name.

    names  the placeholders concerned
    """

    code = "placeholder_unresolved"

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(
            gettext_noop("The text module needs a value that is missing: %(names)s."),
            meaning=gettext_noop("Nothing was inserted and nothing was sent."),
            next_step=gettext_noop("Write the sentence yourself, or choose another text module."),
            values={"names": ", ".join(names)},
        )


def placeholders_in(text: str) -> list[str]:
    """The names of the placeholders of a text, each once, in their order.

    >>> placeholders_in("Your number is {{ code }}; call {{hotline}}. {{ code }}")
    ['code', 'hotline']
    """
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def fill_placeholders(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; raises UnableToFillPlaceholder naming what is missing.

    >>> fill_placeholders("Your number is {{ code }}.", {"code": "AB12"})
    'Your number is AB12.'
    """
    missing = [name for name in placeholders_in(text) if not values.get(name, "").strip()]
    if missing:
        raise UnableToFillPlaceholder(missing)
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)
