"""What the cells of a column hold: tests from 0 (cannot be) to 1 (plainly is), by name.

A name alone deceives: a column "Email configuration" holds numbers, a column "Name" the names of
apps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from amends.platform.tabular.dates import is_plain_number, read_moment, read_time
from amends.platform.tabular.relative_dates import is_relative

YES = frozenset({"yes", "y", "true", "1", "是"})
YES_NO = YES | {"no", "n", "false", "0", "否"}
LANGUAGES = {
    "english": "en",
    "英文": "en",
    "英语": "en",
    "chinese": "zh",
    "中文": "zh",
    "zh-hans": "zh",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "francais": "fr",
    "français": "fr",
    "spanish": "es",
    "espanol": "es",
    "español": "es",
    "portuguese": "pt",
    "italian": "it",
    "dutch": "nl",
    "russian": "ru",
    "arabic": "ar",
    "indonesian": "id",
    "japanese": "ja",
    "korean": "ko",
    "danish": "da",
    "dansk": "da",
    "swedish": "sv",
    "svenska": "sv",
    "norwegian": "no",
    "norsk": "no",
    "nb": "no",
    "nn": "no",
    "finnish": "fi",
    "suomi": "fi",
    "czech": "cs",
    "hungarian": "hu",
    "romanian": "ro",
    "turkish": "tr",
    "polish": "pl",
    "vietnamese": "vi",
}
"""What languages are called in files: name → code. A code may have a region (`en-GB`)."""
LANGUAGES |= {code: code for code in set(LANGUAGES.values())}

ValueTest = Callable[[Sequence[str]], float]

# A column that only might be what is looked for; it needs a name that says so as well.
PERHAPS = 0.85
_LONG_TEXT, _SENTENCE = 20, 40
_SHORT = 60
_FEW = 10
_LETTERS = re.compile(r"[^\W\d_]{2}")
_EMAIL = re.compile(r"(?:[^<>@]*<)?[^@\s<>]{1,64}@[^@\s<>]+\.[^@\s<>]{2,}>?")
_PHONE = re.compile(r"\+?[\d*xX() ./-]{5,24}(?:\s*(?:ext|x)\.?\s*\d+)?")
_NUMBER = re.compile(r"[-+]?[\d.,]+%?")
_ID = re.compile(r"\S+")
_COMPANY = re.compile(
    r"\b(?:inc|llc|ltd|gmbh|corp|corporation|company|plc|s\.?a\.?|bank|n\.?a)\b\.?$|公司$|银行$|集团$",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"\b(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|blvd|boulevard|court|ct|apt|suite|way|"
    r"rue|allee|chemin|impasse|calle|avenida|carrera|rua|via|jalan|jl|gang|ulitsa|ul)\b"
    r"|stra(?:ss|ß)e|str\.|weg\b|platz\b|улица|ул\.|дом\b|شارع|路|街|号|弄|栋|单元|室|丁目|番地",
    re.IGNORECASE,
)
_HOUSE = re.compile(r"\d")
# States of a case, and labels that somebody gave rows to teach a program: no area, no subject.
_STATES = frozenset(
    "open opened new closed solved resolved pending done completed reopened rejected cancelled "
    "duplicate not_planned assigned unassigned archived escalated".split()
) | {"in progress", "on hold", "not planned", "to do", "in review"}
_LABELS = frozenset(
    "complaint non-complaint not_complaint spam ham positive negative neutral praise yes no true "
    "false 0 1 train test".split()
) | {"not complaint", "no complaint"}
_MARKUP = ("{", "[{", "http://", "https://")


def share(sample: Sequence[str], test: Callable[[str], object]) -> float:
    """The share of cells that pass a test."""
    return sum(bool(test(cell)) for cell in sample) / len(sample) if sample else 0.0


def dates(sample: Sequence[str]) -> float:
    """Dates, also those counted from another day; numbers are dates only where the name says so."""
    weight = PERHAPS if all(map(is_plain_number, sample)) else 1.0
    return weight * share(sample, lambda cell: read_moment(cell) or is_relative(cell))


def times(sample: Sequence[str]) -> float:
    """Times of day."""
    return share(sample, lambda cell: read_time(cell) is not None)


def prose(sample: Sequence[str]) -> float:
    """Texts: different from each other, more than a word or a number, as a rule a sentence."""
    if not sample or dates(sample) >= 0.5 or emails(sample) >= 0.5:
        return 0.0
    wordy = share(sample, lambda c: _LETTERS.search(c) and not c.lstrip().startswith(_MARKUP))
    return _different(sample) * wordy * (1.0 if _length(sample) >= _LONG_TEXT else PERHAPS)


def sentences(sample: Sequence[str]) -> float:
    """Texts that need no name to be known: sentences, not names of things."""
    return prose(sample) if sample and _length(sample) >= _SENTENCE else 0.0


def words(sample: Sequence[str]) -> float:
    """Titles: words, not the same in all of many rows."""
    if dates(sample) >= 0.5 or (len(sample) >= _FEW and _different(sample) < 0.05):
        return 0.0
    return share(sample, lambda cell: any(map(str.isalpha, cell)))


def category(sample: Sequence[str]) -> float:
    """Names of classes: short words; where there are many rows, the same again and again."""
    if dates(sample) >= 0.5 or share(sample, _LETTERS.search) < 0.5:
        return 0.0
    if _length(sample) > _SHORT and _different(sample) > 0.5:
        return 0.0
    if one_of(_STATES)(sample) > 0.5 or one_of(_LABELS)(sample) > 0.9:
        return 0.0
    return PERHAPS if len(sample) < _FEW else max(0.1, 1.0 - _different(sample))


def short(sample: Sequence[str]) -> float:
    """A word, a name or a number."""
    return share(sample, lambda cell: len(cell) <= _SHORT)


def ids(sample: Sequence[str]) -> float:
    """Numbers of complaints: one word, as a rule no two the same."""
    if share(sample, _ID.fullmatch) < 0.9 or (
        dates(sample) >= 0.5 and not all(map(is_plain_number, sample))
    ):
        return 0.0
    different = _different(sample)
    return different if different >= 0.5 else 0.0


def emails(sample: Sequence[str]) -> float:
    """Addresses of email, also masked."""
    return share(sample, lambda cell: _EMAIL.fullmatch(cell.strip()))


def phones(sample: Sequence[str]) -> float:
    """Telephone numbers, also masked."""
    return share(
        sample,
        lambda cell: (
            _PHONE.fullmatch(cell.strip())
            and sum(map(str.isdecimal, cell)) + cell.count("*") >= 5
            and ("." not in cell or not is_plain_number(cell))
        ),
    )


def people(sample: Sequence[str]) -> float:
    """Names of persons, or what they call themselves: short, of many, no company."""
    if share(sample, lambda cell: _COMPANY.search(cell.strip())) > 0.2:
        return 0.0
    if len(sample) >= _FEW and len(set(sample)) <= max(2, 0.02 * len(sample)):
        return 0.0
    if share(sample, lambda cell: _LETTERS.search(cell) or "*" in cell) < 0.5:
        return 0.0
    return share(sample, lambda cell: len(cell) <= _SHORT)


def places(sample: Sequence[str]) -> float:
    """Names of areas; no street, no coordinates, no number, no state of a case."""
    if one_of(_STATES)(sample) > 0.5 or dates(sample) >= 0.5:
        return 0.0
    return share(sample, lambda cell: is_area(cell))


def is_area(cell: str) -> bool:
    """Whether a cell names an area and not where somebody lives.

    >>> is_area("Millbrook, MI"), is_area("12 Elm Street"), is_area("48.85, 2.35")
    (True, False, False)
    """
    text = cell.strip()
    if not text or len(text) > 64 or not any(map(str.isalpha, text)) or "@" in text:
        return False
    return not (_HOUSE.search(text) and (_STREET.search(text) or text.count(",") > 1))


def language_code(cell: str) -> str:
    """The code of the language a cell names; "" where it names none.

    >>> language_code("English"), language_code("pt-BR"), language_code("C++")
    ('en', 'pt', '')
    """
    plain = cell.strip().lower()
    return LANGUAGES.get(plain) or LANGUAGES.get(re.split("[-_]", plain)[0], "")


def one_of(allowed: frozenset[str]) -> ValueTest:
    """The test whether cells are among known words, in lower case."""
    return lambda sample: share(sample, lambda cell: cell.strip().lower() in allowed)


def _different(sample: Sequence[str]) -> float:
    return len(set(sample)) / len(sample) if sample else 0.0


def _length(sample: Sequence[str]) -> float:
    """The mean length; a character of Chinese says about as much as three letters."""
    return sum(len(cell) + 2 * (not cell.isascii()) * len(cell) for cell in sample) / len(sample)


TESTS: dict[str, ValueTest] = {
    "dates": dates,
    "times": times,
    "prose": prose,
    "words": words,
    "category": category,
    "short": short,
    "ids": ids,
    "emails": emails,
    "phones": phones,
    "people": people,
    "places": places,
    "languages": lambda sample: share(sample, language_code),
    "yes_no": one_of(YES_NO),
}
