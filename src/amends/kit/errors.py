"""The error tree of Amends.

Every refusal says what happened, what it means for the person concerned, and what to do next.
The tree has three branches; a room defines its own `UnableToX` beside the function that raises it:

    AmendsError
    ├── Refused        the request is understood and not allowed (HTTP 403 or 409, exit code 1)
    ├── BadInput       the input cannot be used as it is (HTTP 400 or 422, exit code 2)
    └── Unavailable    something we depend on does not answer; nothing was changed (HTTP 503)
"""

from __future__ import annotations


class AmendsError(Exception):
    """What happened, what it means, and what to do next, in one sentence each.

    >>> print(AmendsError("The file is empty.", next_step="Send a file with a header row."))
    The file is empty. Send a file with a header row.
    """

    code = "error"

    def __init__(self, what: str, *, meaning: str = "", next_step: str = "") -> None:
        self.what = what
        self.meaning = meaning
        self.next_step = next_step
        super().__init__(" ".join(part for part in (what, meaning, next_step) if part))

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


class BadInput(AmendsError):
    """The input cannot be used as it is; `where` names file, line and column if known."""

    code = "bad_input"

    def __init__(
        self, what: str, *, meaning: str = "", next_step: str = "", where: str = ""
    ) -> None:
        self.where = where
        super().__init__(
            f"{where}: {what}" if where else what, meaning=meaning, next_step=next_step
        )


class Unavailable(AmendsError):
    """Something we depend on does not answer; nothing was changed."""

    code = "unavailable"
