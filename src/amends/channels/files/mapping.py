"""Which column is what: from its name and from what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from amends.channels.files.dates import read_moment, read_time
from amends.kit.errors import BadInput
from amends.kit.errors import gettext_noop as _
from amends.vault.unsaying import without_person

_SAMPLE = 300
NAME_WEIGHT = 3.0


class UnableToMapColumns(BadInput):
    """A column that is needed was not found, or a wish names one that is not there."""

    code = "columns_not_understood"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field an import looks for.

    names   words its column may be called, lower case, English and Chinese
    looks   judges a sample of cells: 0 (cannot be) to 1 (plainly is); None if anything may stand
            there
    """

    name: str
    names: tuple[str, ...]
    looks: Callable[[Sequence[str]], float] | None = None
    required: bool = False
    by_content_alone: bool = False


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
            raise UnableToMapColumns(
                _("No column looks like %(field)s; the file has %(columns)s."),
                meaning=_("Nothing was imported."),
                next_step=_("Name it with --map %(field)s=COLUMN."),
                values={"field": item.name, "columns": _named(header)},
            )
    ordered = {item.name: columns[item.name] for item in wanted if item.name in columns}
    return ColumnMap(ordered, tuple(name for name in header if name not in taken))


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
    return without_person(", ".join(some)) + more


def _score(item: Wanted, column: str, sample: Sequence[str]) -> float:
    called = _called(item, column)
    likeness = item.looks(sample) if item.looks and sample else None
    if likeness == 0:
        return 0.0
    if not called:
        return likeness if item.by_content_alone and likeness and likeness > 0.9 else 0.0
    return NAME_WEIGHT * called + (likeness or 0.0)


def _called(item: Wanted, column: str) -> float:
    """1 for the exact name, less for a name that contains it, the earlier synonym the better."""
    plain = re.sub(r"[\s_\-./]+", " ", column.strip().lower())
    for rank, name in enumerate(item.names):
        if plain == name:
            return 1.0 - rank * 0.01
    words = set(plain.split())
    for rank, name in enumerate(item.names):
        contained = name in plain if not name.isascii() else set(name.split()) <= words
        if contained:
            return 0.5 - rank * 0.01
    return 0.0


def dates(sample: Sequence[str]) -> float:
    """Share of cells that are dates."""
    return _share(sample, lambda cell: read_moment(cell) is not None)


def times(sample: Sequence[str]) -> float:
    """Share of cells that are times of day."""
    return _share(sample, lambda cell: read_time(cell) is not None)


def one_of(words: Sequence[str]) -> Callable[[Sequence[str]], float]:
    """Judges by the share of cells that are among `words`."""
    known = {word.lower() for word in words}
    return lambda sample: _share(sample, lambda cell: cell.strip().lower() in known)


def prose(sample: Sequence[str]) -> float:
    """Texts: different from each other, more than a word or a number."""
    if not sample:
        return 0.0
    different = len(set(sample)) / len(sample)
    wordy = _share(sample, lambda cell: bool(re.search(r"[^\W\d_]{2}", cell)))
    return different * wordy if dates(sample) < 0.5 else 0.0


def _share(sample: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, sample)) / len(sample) if sample else 0.0
