"""The error tree of Amends.

Every refusal says what happened, what it means for the person concerned, and what to do next.
The tree has three branches. `code` gives the reason to programs; a class of its own
(`UnableToX`) is for a refusal that some caller catches:

    AmendsError
    ├── Refused        the request is understood and not allowed (HTTP 403 or 409, exit code 1)
    ├── BadInput       the input cannot be used as it is (HTTP 400 or 422, exit code 2)
    └── Unavailable    something we depend on does not answer; nothing was changed (HTTP 503)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Self


def gettext_noop(text: str) -> str:
    """The same text, marked for translation: for rules, which know nothing of pages.

    >>> gettext_noop("The letter %(letter)s lacks %(field)s.") % {"letter": "a", "field": "b"}
    'The letter a lacks b.'
    """
    return text


class AmendsError(Exception):
    """What happened, what it means, and what to do next, in one sentence each.

    >>> print(AmendsError("The file is empty.", next_step="Send a file with a header row."))
    The file is empty. Send a file with a header row.

    code    the reason, for programs; "" is that of the class
    values  what is filled into the three; a page translates the words first, and then fills them;
            `why`, what the system said, is translated too where its words are known

    >>> print(AmendsError("There is no %(kind)s.", values={"kind": "letter"}))
    There is no letter.
    """

    code = "error"

    def __init__(
        self,
        what: str,
        *,
        meaning: str = "",
        next_step: str = "",
        code: str = "",
        values: Mapping[str, object] | None = None,
    ) -> None:
        self.code = code or self.code
        self._words = (what, meaning, next_step)
        self._values = values
        self.what, self.meaning, self.next_step = self.translated(str)
        super().__init__(" ".join(filter(None, (self.what, self.meaning, self.next_step))))

    def translated(self, translate: Callable[[str], str]) -> tuple[str, str, str]:
        """What, meaning and next step in another language, values in their places.

        translate  gives the words of one of the three in that language
        """
        what, meaning, next_step = (translate(text) if text else "" for text in self._words)
        if self._values is None:
            return what, meaning, next_step
        values = {
            name: translate(value) if name == "why" and value and isinstance(value, str) else value
            for name, value in self._values.items()
        }
        return what % values, meaning % values, next_step % values

    def parts(self) -> dict[str, object]:
        """The arguments it was made with, for a process that raises it again elsewhere."""
        what, meaning, next_step = self._words
        values = self._values
        return {
            "what": what,
            "meaning": meaning,
            "next_step": next_step,
            "code": self.code,
            "values": values,
        }

    def in_words(self, translate: Callable[[str], str]) -> str:
        """The three as one text in another language.

        >>> AmendsError("The file is empty.", next_step="Send rows.").in_words(str)
        'The file is empty. Send rows.'
        """
        sentences = [sentence for sentence in self.translated(translate) if sentence]
        return ("" if sentences[0].endswith("。") else " ").join(sentences)

    def as_dict(self) -> dict[str, str]:
        """The one shape every interface uses for an error."""
        return {
            "error": self.code,
            "what": self.what,
            "meaning": self.meaning,
            "next_step": self.next_step,
        }


class Refused(AmendsError):
    """Understood, and not allowed."""

    code = "refused"


class UnableToReuseKey(Refused):
    """The idempotency key came before with other content (HTTP 409)."""

    code = "idempotency_key_reused"


class BadInput(AmendsError):
    """The input cannot be used as it is; `where` names file, line and column if known.

    at  what is filled into `where`, whose words are translated then

    >>> print(BadInput("It is empty.", where="line %(line)s", at={"line": 3}))
    line 3: It is empty.
    """

    code = "bad_input"

    def __init__(
        self,
        what: str,
        *,
        meaning: str = "",
        next_step: str = "",
        where: str = "",
        at: Mapping[str, object] | None = None,
        code: str = "",
        values: Mapping[str, object] | None = None,
    ) -> None:
        self._place = (where, at)
        self.where = self._translated_place(str)
        super().__init__(what, meaning=meaning, next_step=next_step, code=code, values=values)

    def translated(self, translate: Callable[[str], str]) -> tuple[str, str, str]:
        what, meaning, next_step = super().translated(translate)
        where = self._translated_place(translate)
        return f"{where}: {what}" if where else what, meaning, next_step

    def found_in(self, where: str) -> Self:
        """The same refusal, naming where it was met.

        >>> print(BadInput("It is empty.", next_step="Fill it.").found_in("a.csv"))
        a.csv: It is empty. Fill it.
        """
        what, meaning, next_step = self._words
        return type(self)(
            what,
            meaning=meaning,
            next_step=next_step,
            where=where,
            code=self.code,
            values=self._values,
        )

    def meaning_that(self, meaning: str) -> Self:
        """The same refusal where it means something else: an unread file of a scan, not an import.

        >>> print(BadInput("It is empty.", meaning="Nothing was imported.")
        ...       .meaning_that("Nothing was scanned."))
        It is empty. Nothing was scanned.
        """
        what, _meaning, next_step = self._words
        where, at = self._place
        return type(self)(
            what,
            meaning=meaning,
            next_step=next_step,
            where=where,
            at=at,
            code=self.code,
            values=self._values,
        )

    def _translated_place(self, translate: Callable[[str], str]) -> str:
        text, at = self._place
        return text if at is None else translate(text) % at


class Unavailable(AmendsError):
    """Something we depend on does not answer; nothing was changed."""

    code = "unavailable"
