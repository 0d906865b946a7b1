"""Placeholders of texts: `{{ code }}` of a text module, `{offer.LIME128.price}` of an article."""

from __future__ import annotations

import re
from collections.abc import Mapping

from amends.platform.kit.errors import BadInput, gettext_noop

_PLACEHOLDER = re.compile(
    r"\{\{\s*(?P<double>[^{}]*?)\s*\}\}|\{\s*(?P<single>[a-z]+(?:\.[\w:-]+)+)\s*\}"
)


class UnableToFillPlaceholder(BadInput):
    """A placeholder has no value for this case, or there is none of that name.

    names  the placeholders concerned
    """

    code = "placeholder_unresolved"

    def __init__(self, names: list[str]) -> None:
        self.names = names
        super().__init__(
            gettext_noop("The text needs a value that is missing: %(names)s."),
            meaning=gettext_noop("Nothing was inserted and nothing was sent."),
            next_step=gettext_noop("Write the sentence yourself, or choose another text module."),
            values={"names": ", ".join(names)},
        )


def placeholders_in(text: str) -> list[str]:
    """The names of the placeholders of a text, each once, in their order.

    >>> placeholders_in("Your number is {{ code }}; call {{hotline}}. {{ code }}")
    ['code', 'hotline']
    >>> placeholders_in("It costs {offer.LIME128.price} a month {or so}.")
    ['offer.LIME128.price']
    """
    return list(dict.fromkeys(_name(match) for match in _PLACEHOLDER.finditer(text)))


def fill_placeholders(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; raises UnableToFillPlaceholder naming what is missing.

    >>> fill_placeholders("Your number is {{ code }}.", {"code": "AB12"})
    'Your number is AB12.'
    """
    missing = [name for name in placeholders_in(text) if not values.get(name, "").strip()]
    if missing:
        raise UnableToFillPlaceholder(missing)
    return _PLACEHOLDER.sub(lambda match: values[_name(match)], text)


def without_placeholders(text: str, by: str = " ") -> str:
    """The text with each placeholder replaced by the same text."""
    return _PLACEHOLDER.sub(by, text)


def _name(match: re.Match[str]) -> str:
    return str(match["double"] if match["single"] is None else match["single"])
