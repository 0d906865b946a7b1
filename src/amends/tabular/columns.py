"""Which column is what: from its name and from what stands in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _
from amends.tabular.dates import date_form, is_plain_number, read_moment, read_time
from amends.vault.redaction import redact_person

_SAMPLE = 300
# What is said of a field that an import cannot do without: no column is one, or none but by name.
_NO_DATE = _("No column looks like a date (%(field)s); the file has %(columns)s.")
_DATE_UNREAD = _("Column “%(column)s” is named like a date, but “%(cell)s” cannot be read as one.")
_NOT_FOUND = {
    "text": (
        _("No column looks like the words of complaints (%(field)s); the file has %(columns)s."),
        _("Column “%(column)s” is named like a text, but “%(cell)s” is none."),
    ),
    "date": (_NO_DATE, _DATE_UNREAD),
}
NAME_WEIGHT = 3.0
# A column that only might be what is looked for; it needs a name that says so as well.
_PERHAPS = 0.85
_SURE = 0.9
_LONG_TEXT = 20


class UnableToMapColumns(BadInput):
    """A column that is needed was not found, or a wish names one that is not there."""

    code = "columns_not_understood"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field an import looks for.

    names   words its column may be called, as `columns.toml` writes them
    looks   judges a sample of cells: 0 (cannot be) to 1 (plainly is); None if anything may stand
            there
    """

    name: str
    names: tuple[str, ...]
    looks: Callable[[Sequence[str]], float] | None = None
    required: bool = False
    by_content_alone: bool = False


@cache
def names_of(field: str) -> tuple[str, ...]:
    """What a column of this field is called in files of other people (`columns.toml`)."""
    return tuple(_vocabulary()[field])


@cache
def _vocabulary() -> dict[str, list[str]]:
    return tomllib.loads((files("amends.tabular") / "columns.toml").read_text("utf-8"))


@cache
def _known_names() -> frozenset[str]:
    return frozenset(name.removeprefix("=") for names in _vocabulary().values() for name in names)


def known_columns(row: Sequence[str]) -> int:
    """How many cells of a row are names that columns of complaints have."""
    return sum(_plain(cell) in _known_names() for cell in row)


def wanted(name: str, looks: Callable[[Sequence[str]], float] | None = None, *,
           required: bool = False, by_content_alone: bool = False) -> Wanted:  # fmt: skip
    """A field under the names that the vocabulary has for it."""
    return Wanted(name, names_of(name), looks, required, by_content_alone)


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Field → column, and the columns nobody asked for."""

    columns: dict[str, str]
    unused: tuple[str, ...] = field(default=())

    def sentences(self) -> list[str]:
        """The mapping as people read it, a field a line."""
        return [f"{name} ← {column}" for name, column in self.columns.items()]


def infer(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    wanted: Sequence[Wanted],
    *,
    wishes: Mapping[str, str] | None = None,
) -> ColumnMap:
    """Map wanted fields to columns, the surest pair first; `wishes` (field → column) come first.

    A wish `field=` leaves the field out. Raises `UnableToMapColumns`.
    """
    chosen = _wishes(header, wanted, wishes or {})
    samples = {
        name: [row[at] for row in rows[:_SAMPLE] if row[at].strip()]
        for at, name in enumerate(header)
    }
    pairs = sorted(
        (
            (score, -place, item.name, name)
            for item in wanted
            if item.name not in chosen
            for place, name in enumerate(header)
            if (score := _score(item, name, samples[name])) > 0
        ),
        reverse=True,
    )
    columns = {name: column for name, column in chosen.items() if column}
    taken = set(columns.values())
    for _likeness, _place, name, column in pairs:
        if name not in columns and column not in taken:
            columns[name] = column
            taken.add(column)
    for item in wanted:
        if item.required and item.name not in columns:
            raise _not_found(item, header, samples)
    ordered = {item.name: columns[item.name] for item in wanted if item.name in columns}
    return ColumnMap(ordered, tuple(name for name in header if name not in taken))


def _not_found(
    item: Wanted, header: Sequence[str], samples: Mapping[str, Sequence[str]]
) -> UnableToMapColumns:
    """A column that is needed and not there, or one that is called so and holds something else."""
    missing, other = _NOT_FOUND.get(item.name, _NOT_FOUND["date"])
    named = [name for name in header if _called(item, name) and samples[name]]
    if not named:
        return UnableToMapColumns(
            missing,
            meaning=_("Nothing was imported."),
            next_step=_(
                "Name it with --map %(field)s=COLUMN; if the file has no header row, give it one."
            ),
            values={"field": item.name, "columns": _named(header)},
        )
    best = max(named, key=lambda name: _called(item, name))
    cell = samples[best][0].strip()[:60]
    shown = cell if redact_person(cell) == cell else date_form(cell)
    return UnableToMapColumns(
        other,
        meaning=_("Nothing was imported."),
        next_step=_("Mend the column, or name another with --map %(field)s=COLUMN."),
        values={"column": redact_person(best), "cell": shown, "field": item.name},
    )


def _wishes(
    header: Sequence[str], wanted: Sequence[Wanted], wishes: Mapping[str, str]
) -> dict[str, str]:
    fields = {item.name for item in wanted}
    for name, column in wishes.items():
        if name not in fields:
            raise UnableToMapColumns(
                _("There is no field “%(field)s”; there are %(known)s."),
                values={"field": name, "known": ", ".join(sorted(fields))},
            )
        if column and column not in header:
            raise UnableToMapColumns(
                _("There is no column “%(name)s”; there are %(known)s."),
                values={"name": column, "known": _named(header)},
            )
    return dict(wishes)


def _named(header: Sequence[str]) -> str:
    """The columns in a sentence; a file without a header row has somebody's data in their place."""
    some = [name[:40] for name in header[:30]]
    more = f", … (+{len(header) - 30:,})" if len(header) > 30 else ""
    return redact_person(", ".join(some)) + more


def _score(item: Wanted, column: str, sample: Sequence[str]) -> float:
    called = _called(item, column)
    likeness = item.looks(sample) if item.looks and sample else None
    if likeness == 0:
        return 0.0
    if called:
        return NAME_WEIGHT * called + (likeness or 0.0)
    if not item.by_content_alone or not item.looks or not likeness or likeness <= _SURE:
        return 0.0
    # A header that looks like the cells below it is no header.
    return 0.0 if item.looks([column]) > _SURE else likeness


def _called(item: Wanted, column: str) -> float:
    """1 for the exact name, less for a name that contains it, the earlier synonym the better."""
    plain = _plain(column)
    words = set(plain.split())
    contained = 0.0
    for rank, name in enumerate(item.names):
        exact = name.removeprefix("=")
        if plain == exact:
            return 1.0 - rank * 0.005
        if contained or name != exact:
            continue
        if set(name.split()) <= words if name.isascii() else name in plain:
            contained = 0.45 - rank * 0.005
    return contained


def _plain(column: str) -> str:
    """A name as the vocabulary writes it.

    >>> _plain("createdAt"), _plain("ISP_Name"), _plain(" 投诉 时间")
    ('created at', 'isp name', '投诉 时间')
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column.strip())
    return re.sub(r"[\s_\-./]+", " ", apart).strip(" :：*?？").lower()


def dates(sample: Sequence[str]) -> float:
    """Share of cells that are dates; numbers are dates only where the name says so."""
    weight = _PERHAPS if all(map(is_plain_number, sample)) else 1.0
    return weight * _share(sample, lambda cell: read_moment(cell) is not None)


def times(sample: Sequence[str]) -> float:
    """Share of cells that are times of day."""
    return _share(sample, lambda cell: read_time(cell) is not None)


def digits(sample: Sequence[str]) -> float:
    """Share of cells that hold a digit, as masked numbers do too."""
    return _share(sample, lambda cell: any(map(str.isdecimal, cell)))


def one_of(words: Sequence[str]) -> Callable[[Sequence[str]], float]:
    """Judges by the share of cells that are among `words`."""
    known = {word.lower() for word in words}
    return lambda sample: _share(sample, lambda cell: cell.strip().lower() in known)


def prose(sample: Sequence[str]) -> float:
    """Texts: different from each other, more than a word or a number, as a rule a sentence."""
    if not sample or dates(sample) >= 0.5:
        return 0.0
    different = len(set(sample)) / len(sample)
    wordy = _share(sample, lambda cell: bool(re.search(r"[^\W\d_]{2}", cell)))
    # A character of Chinese says about as much as three letters.
    long = sum(len(cell) + 2 * (not cell.isascii()) * len(cell) for cell in sample) / len(sample)
    return different * wordy * (1.0 if long >= _LONG_TEXT else _PERHAPS)


def _share(sample: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, sample)) / len(sample) if sample else 0.0
