"""A text being read: what was found is blanked, so that no character is claimed twice."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

BLANK = "\x00"
# A number named as one of these belongs to a thing, not to a person.
_THING = re.compile(
    r"(?:订单|单号|工单|流水|编号|受理号|投诉单|发票|快递|物流|运单|合同|序列号|业务号|批次|验证码|版本"
    r"|order|ticket|ref(?:erence)?|invoice|tracking|case|confirmation|serial|transaction|version)"
    r"[^，。；,;!?！？\n]{0,12}$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class ScannedText:
    """One text with what was found in it: (kind, start, end) in characters of the original."""

    text: str
    found: list[tuple[str, int, int]] = field(default_factory=list)
    _work: str = ""
    _blanked: int = 0

    def __post_init__(self) -> None:
        self._work = self.text

    @property
    def work(self) -> str:
        """The text with what was claimed blanked, copied once for all claims in between."""
        if self._blanked < len(self.found):
            parts: list[str] = []
            at = 0
            for _, start, end in sorted(self.found[self._blanked :], key=lambda span: span[1]):
                parts += (self._work[at:start], BLANK * (end - start))
                at = end
            self._work = "".join((*parts, self._work[at:]))
            self._blanked = len(self.found)
        return self._work

    def claim(self, kind: str, start: int, end: int) -> None:
        """Take the characters from `start` to `end` (outside) as one value of `kind`."""
        self.found.append((kind, start, end))

    def before(self, start: int, length: int = 16) -> str:
        """The characters in front of a position, up to `length` of them."""
        return self.text[max(0, start - length) : start]

    def names_a_thing(self, start: int) -> bool:
        """Whether the words in front call the number an order, a ticket, an invoice."""
        return _THING.search(self.before(start, 24)) is not None
