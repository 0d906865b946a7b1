"""Which column has which role: by its name (`roles.toml`) and by its values (`values.py`)."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.plain_letters import folded
from amends.platform.kit.translatable import Translatable
from amends.platform.tabular.date_order import OtherDates
from amends.platform.tabular.dates import date_form, is_plain_number
from amends.platform.tabular.values import TESTS, ValueTest, dates, prose, sentences
from amends.platform.vault.redaction import redact_person

# Cells that are tested: not the first ones alone, which may be empty for thousands of rows.
_SAMPLE, _LOOKED_AT = 300, 3_000
_NAME_WEIGHT, _FILLED_WEIGHT = 3.0, 0.3
_SURE, _HALF = 0.9, 0.5
# A column of ids has so many different ones; of few rows that says little.
_DISTINCT, _FEW = 0.9, 20
# With fewer of its cells filled, a column of ids is no better than none.
_NEARLY_EMPTY = 0.05
# Programs put what they export into an object of this name.
_WRAPPER = re.compile(r"^(?:fields|data|attributes|properties|_source|node)\.(?=.)")
_EXTRA_WORD = 0.01
_MARKUP = ("{", "[")
_RANK, _RANKS = 0.005, 60
# How surely a name tells the role. The words of roles that nobody reads win over a name that is
# only contained: "company response" is an answer, "agent name" is no complainant.
_EXACT, _CONTAINED_APART, _CONTAINED, _UNNAMED = 3, 2, 1, 0


class UnableToMapColumns(BadInput):
    """A column that is needed was not found, or a wish names one that is not there."""

    code = "columns_not_understood"


@dataclass(frozen=True, slots=True)
class ColumnRole:
    """What a column can be.

    names      what it is called; "=name" counts only where it is exact
    never      a column whose name contains one of these words is something else
    test       of a sample of cells: 0 (cannot be) to 1 (plainly is); None if anything goes
    by_values  whether its values are enough, whatever it is called
    apart      nobody reads it: it keeps its columns away from the other roles
    distinct   whether its values are different in all rows, those aside that stand there twice
    most       how many columns may have it
    languages  in how many languages its names are
    """

    name: str
    names: tuple[str, ...]
    never: tuple[str, ...] = ()
    test: ValueTest | None = None
    by_values: bool = False
    apart: bool = False
    distinct: bool = False
    most: int = 1
    languages: int = 1


@dataclass(frozen=True, slots=True)
class ChosenColumns:
    """Role → its columns, the columns nobody reads, and what people should know about it."""

    by_role: dict[str, list[str]]
    unused: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    def get(self, role: str) -> str | None:
        """The first column of a role."""
        return next(iter(self.by_role.get(role, ())), None)

    def of(self, *roles: str) -> list[str]:
        """The columns of several roles, in order."""
        return [column for role in roles for column in self.by_role.get(role, ())]


def role(
    name: str, *, called: str = "", test: ValueTest | None = None, by_values: bool = False
) -> ColumnRole:
    """A role of `roles.toml`.

    called  another name for it, where a command has its own
    test    another test than the file names
    """
    role_fields = _roles()[name]
    return ColumnRole(
        name=called or name,
        names=names_of(name),
        never=tuple(role_fields.get("never", ())),
        test=test or TESTS.get(role_fields.get("test", "")),
        by_values=by_values,
        apart=role_fields.get("apart", False),
        distinct=role_fields.get("distinct", False),
        most=role_fields.get("most", 1),
        languages=len(role_fields["names"]),
    )


@cache
def apart() -> tuple[ColumnRole, ...]:
    """The roles that nobody reads: answers, staff, companies, later days."""
    return tuple(role(name) for name, role_fields in _roles().items() if role_fields.get("apart"))


@cache
def names_of(name: str) -> tuple[str, ...]:
    """What a column of this role is called in files of other people, in all languages.

    The names of all languages take turns, so that the rank of a name is its rank in its language.
    """
    by_rank = itertools.zip_longest(*_roles()[name]["names"].values())
    return tuple(
        dict.fromkeys(column_name for rank in by_rank for column_name in rank if column_name)
    )


@cache
def _roles() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("amends.platform.tabular") / "roles.toml").read_text("utf-8"))


@cache
def _known_names() -> frozenset[str]:
    return frozenset(
        column_name.removeprefix("=") for name in _roles() for column_name in names_of(name)
    )


def known_columns(row: Sequence[str]) -> int:
    """How many cells of a row are names that columns of complaints have."""
    return sum(plain_name(cell) in _known_names() for cell in row)


def choose_columns(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    roles: Sequence[ColumnRole],
    *,
    wishes: Mapping[str, str] | None = None,
    empty_too: bool = False,
) -> ChosenColumns:
    """The columns of each role, the surest pair first; `wishes` (role → column) come before.

    empty_too  whether a column without values has its role: in a register it says that nobody
               listed has such a value any more

    A wish `role=` leaves the role out. Raises `UnableToMapColumns` where a wish names what is not
    there.
    """
    chosen = _wished(header, roles, wishes or {})
    samples = _samples(header, rows)
    every = (*roles, *apart())
    pairs = sorted(
        (
            (score, -index, column_role.name, column)
            for column_role in every
            if column_role.name not in chosen
            for index, column in enumerate(header)
            if (samples[column] or empty_too)
            and (score := _score(column_role, column, samples[column], _filled(rows, index)))
            and not (column_role.distinct and _repeats(rows, index))
        ),
        reverse=True,
    )
    max_columns = {column_role.name: column_role.most for column_role in every}
    columns_by_role = {name: [column] for name, column in chosen.items() if column}
    used_columns = {column for columns in columns_by_role.values() for column in columns}
    for _likeness, _index, name, column in pairs:
        if column not in used_columns and len(columns_by_role.get(name, ())) < max_columns[name]:
            columns_by_role.setdefault(name, []).append(column)
            used_columns.add(column)
    wanted_roles = {column_role.name for column_role in roles}
    in_order = {
        column_role.name: sorted(columns_by_role[column_role.name], key=header.index)
        for column_role in roles
        if column_role.name in columns_by_role
    }
    read = {
        column
        for name, columns in columns_by_role.items()
        if name in wanted_roles
        for column in columns
    }
    unused = tuple(column for column in header if column not in read)
    return ChosenColumns(in_order, unused, _doubts(roles, in_order, unused, samples))


def _repeats(rows: Sequence[Sequence[str]], index: int) -> bool:
    """Whether a column has the same value in many rows that are not the same.

    Rows that differ are the same complaint where their longest cells are equal: a list that was
    fetched several times counts its views anew each time.
    """
    filled = [row for row in rows if row[index].strip()]
    values = len({row[index] for row in filled})
    if len(filled) < _FEW or values >= _DISTINCT * len(filled):
        return False
    if values >= _DISTINCT * len({tuple(row) for row in filled}):
        return False
    texts = len({max((cell for cell in row if cell[:1] not in _MARKUP), key=len) for row in filled})
    return 2 * texts < len(filled) or values < _DISTINCT * texts


def _doubts(
    roles: Sequence[ColumnRole],
    columns_by_role: Mapping[str, Sequence[str]],
    unused: Sequence[str],
    samples: Mapping[str, Sequence[str]],
) -> list[str]:
    """Columns that are called like a role nobody has, and hold something else."""
    sentence = _(
        "Column “%(column)s” is named like %(role)s, but does not hold that: it is not read."
    )
    return [
        Translatable(sentence, column=redact_person(column), role=column_role.name)
        for column_role in roles
        if column_role.test and column_role.name not in columns_by_role
        for column in unused
        if samples[column]
        and plain_name(column) in _exact(column_role)
        and (column_role.distinct or not column_role.test(samples[column]))
    ]


def not_found(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    wanted: ColumnRole,
    *,
    missing: str,
    alternative: str,
    remedy: str,
) -> UnableToMapColumns:
    """The refusal where no column has a role that is needed.

    missing  no column is called so: %(field)s, %(columns)s
    other    one is called so and holds something else: %(column)s, %(cell)s
    remedy   what to do: %(field)s
    """
    samples = _samples(header, rows)
    named = [
        column
        for column in header
        if _called(wanted, column)[0]
        and samples[column]
        and not (wanted.test and wanted.test(samples[column]))
    ]
    if not named:
        return UnableToMapColumns(
            missing,
            meaning=_("Nothing was imported."),
            next_step=remedy,
            values={"field": wanted.name, "columns": _named(header)},
        )
    best = max(named, key=lambda name: _called(wanted, name)[0])
    cell = samples[best][0].strip()[:60]
    shown_cell = cell if redact_person(cell) == cell else date_form(cell)
    return UnableToMapColumns(
        alternative,
        meaning=_("Nothing was imported."),
        next_step=remedy,
        values={"column": redact_person(best), "cell": shown_cell, "field": wanted.name},
    )


def other_dates(
    header: Sequence[str], rows: Sequence[Sequence[str]], column: str
) -> list[OtherDates]:
    """The other columns of dates, and whether their days come after a complaint did."""
    after = [role(name) for name in ("closed", "later", "answer")]
    other_columns: list[OtherDates] = []
    for index, name in enumerate(header):
        sample = _sample(rows, index)
        if name == column or dates(sample) < _HALF or all(map(is_plain_number, sample)):
            continue
        later = any(_called(column_role, name)[0] for column_role in after)
        cells = [row[index] for row in rows]
        other_columns.append(OtherDates(name, cells, "later" if later else "same"))
    return other_columns


def dates_of_something_else(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns of dates that are named for another day than that of a complaint: an order, a birth.

    What came after a complaint (closed, answered) is not among them.
    """
    received = role("received")
    return [
        date.name
        for date in other_dates(header, rows, "")
        if date.when == "same" and _is_never(received, date.name)
    ]


def _samples(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    return {name: _sample(rows, index) for index, name in enumerate(header)}


def _sample(rows: Sequence[Sequence[str]], index: int) -> list[str]:
    """Filled cells of a column, from all over the table."""
    looked_at = rows[:: max(1, len(rows) // _LOOKED_AT)]
    filled = (row[index] for row in looked_at if row[index].strip())
    return list(itertools.islice(filled, _SAMPLE))


def _filled(rows: Sequence[Sequence[str]], index: int) -> float:
    looked_at = rows[:: max(1, len(rows) // _SAMPLE)]
    return sum(bool(row[index].strip()) for row in looked_at) / max(1, len(looked_at))


def _wished(
    header: Sequence[str], roles: Sequence[ColumnRole], wishes: Mapping[str, str]
) -> dict[str, str]:
    role_names = {column_role.name for column_role in roles}
    for name, column in wishes.items():
        if name not in role_names:
            raise UnableToMapColumns(
                _("There is no field “%(field)s”; there are %(known)s."),
                values={"field": name, "known": ", ".join(sorted(role_names))},
            )
        if column and column not in header:
            raise UnableToMapColumns(
                _("There is no column “%(name)s”; there are %(known)s."),
                values={"name": column, "known": _named(header)},
            )
    return dict(wishes)


def _named(header: Sequence[str]) -> str:
    """The columns in a sentence; a file without a header row has somebody's data in their place."""
    shown_names = [name[:40] for name in header[:30]]
    more = f", … (+{len(header) - 30:,})" if len(header) > 30 else ""
    return redact_person(", ".join(shown_names)) + more


def _score(
    column_role: ColumnRole, column: str, sample: Sequence[str], filled: float
) -> tuple[int, float] | None:
    """How well a column fits a role, None if not at all.

    filled  the share of its cells that are
    """
    surely, rank = _called(column_role, column)
    if surely == _UNNAMED and not column_role.by_values:
        return None
    likeness = column_role.test(sample) if column_role.test and sample else None
    if likeness == 0 or (column_role.distinct and filled < _NEARLY_EMPTY):
        return None
    if surely:
        named = _NAME_WEIGHT * (1 - min(rank, _RANKS) * _RANK)
        named -= _EXTRA_WORD * (len(plain_name(column).split()) - 1)
        return surely, named + (likeness or 0.0) + _FILLED_WEIGHT * filled
    if column_role.test is prose:
        likeness = sentences(sample)
    if not column_role.test or not likeness or likeness <= _SURE or _is_never(column_role, column):
        return None
    if _is_something_else(column_role, column, sample):
        return None
    # A header that looks like the cells below it is no header.
    return None if column_role.test([column]) > _SURE else (surely, likeness)


def _is_something_else(column_role: ColumnRole, column: str, sample: Sequence[str]) -> bool:
    """Whether a column has the name of another role, and may hold that."""
    plain = plain_name(column)
    if plain not in _known_names():
        return False
    other_roles = [role(name) for name in _roles() if name != column_role.name]
    if column_role.test is dates:
        other_roles = [other_role for other_role in other_roles if other_role.test in (None, dates)]
    return any(
        plain in _exact(other_role) and (other_role.test is None or other_role.test(sample) > 0)
        for other_role in other_roles
    )


def _called(column_role: ColumnRole, column: str) -> tuple[int, int]:
    """How surely the name of a column tells the role, and the rank of the name that tells it."""
    plain = plain_name(column)
    if (rank := _exact(column_role).get(plain)) is not None:
        return _EXACT, rank // column_role.languages
    if _is_never(column_role, column):
        return _UNNAMED, 0
    for rank, name in enumerate(column_role.names):
        if not name.startswith("=") and _contains(plain, name):
            return (
                _CONTAINED_APART if column_role.apart else _CONTAINED,
                rank // column_role.languages,
            )
    return _UNNAMED, 0


@cache
def _exact(column_role: ColumnRole) -> dict[str, int]:
    """Name → rank."""
    return {
        name.removeprefix("="): rank for rank, name in reversed(list(enumerate(column_role.names)))
    }


def _is_never(column_role: ColumnRole, column: str) -> bool:
    plain = plain_name(column)
    return any(_contains(plain, word) for word in column_role.never)


def _contains(plain: str, name: str) -> bool:
    """Whether a name contains another: its words, or its signs where there are no words."""
    if name.isascii():
        return set(name.split()) <= set(plain.split())
    return name in plain


def plain_name(column: str) -> str:
    """A name as `roles.toml` writes it.

    >>> plain_name("createdAt"), plain_name("ISP_Name"), plain_name("fields.reporter.displayName")
    ('created at', 'isp name', 'reporter display name')
    """
    own = _WRAPPER.sub("", column.strip())
    apart_words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", own)
    return folded(re.sub(r"[\s_\-./'’]+", " ", apart_words)).strip(' :：*?？"()')
