"""The workflow of a complaint: one published table of states and transitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any

from amends.platform.kit.errors import Refused
from amends.platform.kit.packs import RuleFile, load_rules

_PACKAGE = "amends.cases.complaints"
_CURRENT = date(2026, 11, 30)

PARTIES: Mapping[str, tuple[str, str]] = {
    "subscriber": ("用户", "the user"),
    "handler": ("处理人员", "a handler"),
    "system": ("系统", "the system"),
    "regulator": ("监管机构", "the regulator"),
}


class UnableToMove(Refused):
    """The table has no such move; `zh` and `en` say why and what is possible instead."""

    def __init__(self, *, zh: str, en: str, next_zh: str, next_en: str) -> None:
        self.zh = f"{zh}{next_zh}"
        self.en = f"{en} {next_en}"
        super().__init__(en, meaning="Nothing was changed.", next_step=next_en)


@dataclass(frozen=True, slots=True)
class ComplaintState:
    """A state: its names, the words for the user, whether work is still due, its TMF621 status."""

    id: str
    zh: str
    en: str
    zh_user: str
    en_user: str
    open: bool
    tmf: str


@dataclass(frozen=True, slots=True)
class Transition:
    """A verb: from which states, to which, and who may."""

    verb: str
    zh: str
    en: str
    sources: tuple[str, ...]
    to: str
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StateTable:
    """One version of the table."""

    version: str
    states: Mapping[str, ComplaintState]
    moves: Mapping[str, Transition]
    clocks: tuple[Mapping[str, Any], ...]

    def move(self, state: str, verb: str, *, who: str = "") -> str:
        """The state after `verb`; `who`, if given, must be allowed to. Raises UnableToMove.

        >>> table().move("proposed", "accept", who="subscriber")
        'accepted'
        """
        here, chosen = self._state(state), self._verb(verb)
        if state not in chosen.sources:
            raise UnableToMove(
                zh=f"状态为“{here.zh}”的投诉不能“{chosen.zh}”。",
                en=f"A complaint that is “{here.en}” cannot be moved by “{chosen.en}”.",
                **self._instead(state, who),
            )
        if who and who not in chosen.who:
            raise UnableToMove(
                zh=f"“{chosen.zh}”不能由{PARTIES.get(who, (who,))[0]}操作。",
                en=f"“{chosen.en}” is not for {PARTIES.get(who, (who,))[-1]} to do.",
                **self._instead(state, who),
            )
        return chosen.to

    def moves_from(self, state: str, *, who: str = "") -> tuple[Transition, ...]:
        """What is possible in `state`, for `who` if given, in the order of the table."""
        self._state(state)
        return tuple(
            move
            for move in self.moves.values()
            if state in move.sources and (not who or who in move.who)
        )

    def is_met(self, step: str, state: str, *, jurisdiction: str) -> bool:
        """Whether a complaint in `state` has met the clock `step` of a pack.

        A step the table does not list (a repair, an appeal) is not met by a state but by an event.

        >>> table().is_met("resolve", "proposed", jurisdiction="cn")
        True
        >>> table().is_met("resolve", "proposed", jurisdiction="in")
        False
        """
        self._state(state)
        for row in self.clocks:
            if row["step"] == step and ("*" in row["packs"] or jurisdiction in row["packs"]):
                return state in row["met_by"]
        return False

    def _state(self, state: str) -> ComplaintState:
        if state not in self.states:
            raise UnableToMove(
                zh=f"没有“{state}”这个状态。",
                en=f"There is no state {state!r}.",
                next_zh=f"可用的状态：{'、'.join(self.states)}。",
                next_en=f"States are {', '.join(self.states)}.",
            )
        return self.states[state]

    def _verb(self, verb: str) -> Transition:
        if verb not in self.moves:
            raise UnableToMove(
                zh=f"没有“{verb}”这个操作。",
                en=f"There is no move {verb!r}.",
                next_zh=f"可用的操作：{'、'.join(self.moves)}。",
                next_en=f"Moves are {', '.join(self.moves)}.",
            )
        return self.moves[verb]

    def _instead(self, state: str, who: str) -> dict[str, str]:
        possible = self.moves_from(state, who=who)
        if not possible:
            return {"next_zh": "此状态下没有可做的操作。", "next_en": "Nothing is possible here."}
        return {
            "next_zh": f"现在可以：{'、'.join(move.zh for move in possible)}。",
            "next_en": f"Possible now: {', '.join(move.en for move in possible)}.",
        }


@dataclass(frozen=True, slots=True)
class Measures:
    """Honest figures under reopening; shares are 0 to 1, None where nothing was resolved.

    `resolution_s`: from receipt to the *last* resolution, of complaints that are resolved now.
    `first_contact_share`: resolved within one contact and never reopened, of all resolved ones.
    `reopened_share`: reopened at least once, of all that were ever resolved.
    """

    complaints: int
    resolved: int
    resolution_s: tuple[float, ...]
    first_contact_share: float | None
    reopened_share: float | None
    reopenings: int


@dataclass(frozen=True, slots=True)
class History:
    """What `measures` reads of one complaint: its receipt, the states it entered, its contacts."""

    received_at: datetime
    entered: Sequence[tuple[datetime, str]]
    contacts: int = 1


def table(on: date = _CURRENT) -> StateTable:
    """The table in force on the day `on`."""
    return _read(load_rules(_PACKAGE, "states", max(on, _CURRENT)))


def move(state: str, verb: str, *, who: str = "") -> str:
    """The state after `verb`, or UnableToMove with the reason in both languages.

    >>> move("received", "acknowledge")
    'acknowledged'
    """
    return table().move(state, verb, who=who)


def is_open(state: str) -> bool:
    """Whether work is still due in a state.

    >>> is_open("proposed"), is_open("resolved"), is_open("reopened")
    (True, False, True)
    """
    return table().states[state].open


def tmf_status(state: str) -> str:
    """The TMF621 v5 status a state is shown as.

    >>> tmf_status("proposed"), tmf_status("withdrawn"), tmf_status("with_regulator")
    ('pending', 'cancelled', 'held')
    """
    return table().states[state].tmf


def measures(histories: Iterable[History]) -> Measures:
    """Resolution time, first-contact resolution and reopening that reopening cannot flatter.

    >>> day = lambda n: datetime(2026, 3, n)
    >>> once = History(day(1), [(day(3), "resolved"), (day(4), "confirmed")])
    >>> again = History(day(1), [(day(2), "resolved"), (day(5), "reopened"), (day(9), "resolved")])
    >>> found = measures([once, again])
    >>> [s / 86400 for s in found.resolution_s], found.first_contact_share, found.reopened_share
    ([2.0, 8.0], 0.5, 0.5)
    """
    spans: list[float] = []
    total = ever = reopened = reopenings = first = 0
    for history in histories:
        total += 1
        entered = sorted(history.entered, key=lambda step: step[0])
        solved = [at for at, state in entered if state == "resolved"]
        times_reopened = sum(state == "reopened" for _, state in entered)
        reopenings += times_reopened
        if not solved:
            continue
        ever += 1
        reopened += times_reopened > 0
        first += history.contacts == 1 and not times_reopened
        if entered[-1][1] in _SOLVED:
            spans.append((solved[-1] - history.received_at).total_seconds())
    return Measures(
        complaints=total,
        resolved=len(spans),
        resolution_s=tuple(spans),
        first_contact_share=first / ever if ever else None,
        reopened_share=reopened / ever if ever else None,
        reopenings=reopenings,
    )


_SOLVED = frozenset({"resolved", "confirmed", "closed_unconfirmed"})


@cache
def _read(file: RuleFile) -> StateTable:
    states = {
        row["id"]: ComplaintState(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            zh_user=row["zh_user"],
            en_user=row["en_user"],
            open=row["open"],
            tmf=row["tmf"],
        )
        for row in file.data["states"]
    }
    moves = {
        row["id"]: Transition(
            verb=row["id"],
            zh=row["zh"],
            en=row["en"],
            sources=tuple(row["from"]),
            to=row["to"],
            who=tuple(row["who"]),
        )
        for row in file.data["moves"]
    }
    return StateTable(
        version=file.version,
        states=MappingProxyType(states),
        moves=MappingProxyType(moves),
        clocks=tuple(file.data["clocks"]),
    )
