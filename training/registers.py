"""Whole texts in the registers people write in, for what templates do not teach.

`registers/LANGUAGE/REGISTER.txt`: reviews, posts, chats, calls, work orders, letters, petitions, messy
spelling, and `mixed`. Sections are headed `# code`, or `# ask code` for enquiries, or `# none` for
texts that complain of nothing in telecoms; every other line is one text, written for this purpose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from amends.engines.classification.model.model import Curve
from training.writing import FOREIGN, UNSPECIFIC, Text

HERE = Path(__file__).resolve().parent / "registers"
MIXED = "mixed"

CAUTION = 0.9
"""By how much the log odds of confidence are shrunk: what is fitted to registers of ours held out
would claim 0.95 where strangers' texts are right in 0.95, and English ones of some kinds in 0.91."""


def read_registers() -> list[Text]:
    """The texts of both languages, in the order of the files."""
    found = []
    for path in sorted(HERE.glob("[ez][nh]/*.txt")):
        section = ""
        for number, line in enumerate(path.read_text("utf-8").splitlines()):
            if line.startswith("# "):
                section = line.removeprefix("# ")
            elif line.strip():
                enquiry, foreign = section.startswith("ask "), section == FOREIGN
                code = UNSPECIFIC if foreign else section.removeprefix("ask ")
                found.append(
                    Text(
                        line.strip(),
                        path.parent.name,
                        code,
                        "",
                        number,
                        enquiry,
                        foreign,
                        path.stem,
                    )
                )
    return found


def cautious(curves: Sequence[Curve]) -> tuple[Curve, Curve]:
    """The curves of both languages, less sure by `CAUTION`."""
    english, chinese = (tuple(round(each * CAUTION, 5) for each in curve) for curve in curves)
    return english, chinese


def folds(texts: Sequence[Text]) -> list[int]:
    """A number for each text: of its register, so that no register helps to judge itself.

    Mixed texts are spread over all.
    """
    names = sorted({text.register for text in texts} - {MIXED})
    return [
        int(hashlib.sha256(text.text.encode()).hexdigest(), 16) % len(names)
        if text.register == MIXED
        else names.index(text.register)
        for text in texts
    ]
