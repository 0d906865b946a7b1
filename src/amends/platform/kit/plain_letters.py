"""Words as they are compared: lower case, without accents."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """The text in lower case and without accents; letters without a base of their own stay.

    >>> folded("Catégorie"), folded("Überschrift"), folded("дата")
    ('categorie', 'uberschrift', 'дата')
    """
    lower = text.lower()
    if lower.isascii():
        return lower
    apart = unicodedata.normalize("NFKD", lower)
    # Only Latin letters lose their marks: those of other scripts are letters of their own.
    characters = (
        char
        for index, char in enumerate(apart)
        if not (unicodedata.combining(char) and index and _is_latin(apart[index - 1]))
    )
    return unicodedata.normalize("NFC", "".join(characters)).replace("ß", "ss")


def _is_latin(char: str) -> bool:
    return char.isascii() or unicodedata.combining(char) > 0
