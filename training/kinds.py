"""Whole texts of other kinds than titles: reviews, tweets, chats, transcripts, messages to boards,
and in `other.txt` a few in other languages, which the model is not to learn but to be unsure of.

Sections are headed `# code`, or `# ask code` for enquiries, or `# none` for texts that have
nothing to do with telecoms; every other line is one text, written for this purpose.
"""

from __future__ import annotations

from pathlib import Path

from training.writing import FOREIGN, UNSPECIFIC, Text

HERE = Path(__file__).resolve().parent / "kinds"
OTHER = "other"


def read_kinds() -> list[Text]:
    """The texts of both languages, in the order of the files."""
    found = []
    for language in ("en", "zh", OTHER):
        section = ""
        for number, line in enumerate((HERE / f"{language}.txt").read_text("utf-8").splitlines()):
            if line.startswith("# "):
                section = line.removeprefix("# ")
            elif line.strip():
                enquiry, foreign = section.startswith("ask "), section == FOREIGN
                code = UNSPECIFIC if foreign else section.removeprefix("ask ")
                found.append(Text(line.strip(), language, code, "", number, enquiry, foreign))
    return found
