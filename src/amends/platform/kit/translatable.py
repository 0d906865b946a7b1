"""A sentence a rule says, which another language can say as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from amends.platform.kit.errors import AmendsError


class Translatable(str):
    """A sentence in English that keeps its words and values apart, for those who translate it.

    words   marked with `gettext_noop` where they are written; with values, places to fill
    values  what is filled in; one that is `Translatable` itself is translated first

    >>> late = Translatable("%(count)s rows came late.", count="1,200")
    >>> late
    '1,200 rows came late.'
    >>> late.translated({"%(count)s rows came late.": "%(count)s行迟到。"}.__getitem__)
    '1,200行迟到。'
    """

    words: str
    values: dict[str, object]

    def __new__(cls, msgid: str, **values: object) -> Self:
        sentence = super().__new__(cls, msgid % values if values else msgid)
        sentence.words, sentence.values = msgid, values
        return sentence

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: Callable[[type], Any]) -> Any:
        """Serialised as the English sentence."""
        return handler(str)

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        return (self.words,), self.values

    def translated(self, translate: Callable[[str], str]) -> str:
        """The sentence in another language."""
        text = translate(self.words)
        if not self.values:
            return text
        return text % {name: translated(value, translate) for name, value in self.values.items()}


def translated(value: object, translate: Callable[[str], str]) -> object:
    """A sentence or a refusal in another language; anything else as it is.

    >>> translated("As it is.", str.upper)
    'As it is.'
    """
    if isinstance(value, AmendsError):
        return value.in_words(translate)
    return value.translated(translate) if isinstance(value, Translatable) else value
