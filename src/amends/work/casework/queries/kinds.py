"""Kinds of cases: what an app tells casework about the objects people work on.

    class ComplaintKind(CaseKind):
        name = "complaint"
        title = _("complaint")

        def summaries(self, keys): ...
        def visible(self, keys, actor): ...
        def workable(self, keys, actor): ...

The app declares it in its `apps.py`:
`case_kinds = ("amends.cases.complaints.case_kind.ComplaintKind",)`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.module_loading import import_string

from amends.platform import registry
from amends.platform.kit.actors import Actor
from amends.work.casework import refusals
from amends.work.casework.rules.assigning import CaseTraits


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """A case as lists and notifications show it.

    label   number or tracking code
    title   what it is about, in a line, masked
    path    address of its page
    due_at  the earliest deadline that runs, None without one
    """

    kind: str
    key: str
    label: str
    title: str
    path: str
    code: str
    area: str
    language: str
    brand: str
    is_open: bool
    received_at: datetime
    due_at: datetime | None = None

    @property
    def traits(self) -> CaseTraits:
        """What assignment rules ask of it."""
        return CaseTraits(
            kind=self.kind, code=self.code, area=self.area, language=self.language, brand=self.brand
        )


@dataclass(frozen=True, slots=True)
class AssignmentChange:
    """A change of assignment in the transaction that makes it; `person` and `team` are the new."""

    keys: tuple[str, ...]
    person: str
    team: str
    verb: str
    reason: str
    actor: Actor
    now: datetime


class CaseKind:
    """One kind of case; an app overrides what its objects have.

    logs_assignments  the app writes each assignment into its own history, so that casework does not
    """

    name: str
    title: str | Promise
    logs_assignments = False

    def summaries(self, keys: Collection[str]) -> dict[str, CaseSummary]:
        """The cases with these keys; unknown ones are absent."""
        raise NotImplementedError

    def visible(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Those that the actor may see."""
        raise NotImplementedError

    def workable(self, keys: Collection[str], actor: Actor) -> set[str]:
        """Those that the actor may work on."""
        raise NotImplementedError

    def assigned(self, change: AssignmentChange) -> None:
        """Called within the transaction of an assignment."""

    def wait_ended(self, key: str, *, now: datetime) -> None:
        """The day came until which the case waited for the customer; called in the transaction."""

    def open_cases(self, people: Collection[str]) -> dict[str, int]:
        """How many open cases each person has; absent means none."""
        return {}

    def open_keys_of(self, person: str) -> list[str]:
        """The open cases of a person."""
        return []

    def closed_sample(self, since: datetime, *, most: int, brand: str) -> list[tuple[str, str]]:
        """A random sample of cases closed since then, each with who handled it."""
        return []

    def placeholders(self, key: str, actor: Actor) -> Mapping[str, str]:
        """Values for text modules, "" for what is not known of this case."""
        return {}

    def placeholder_names(self) -> tuple[str, ...]:
        """The placeholders that text modules may use."""
        return ()


def case_kinds() -> dict[str, CaseKind]:
    """The kinds that apps declare, by name."""
    kinds = [import_string(path)() for app in registry.installed() for path in app.case_kinds]
    return {kind.name: kind for kind in kinds}


def case_kind(name: str) -> CaseKind:
    """One kind; raises UnableToFindCase for a name that no app declares."""
    try:
        return case_kinds()[name]
    except KeyError:
        raise refusals.unknown_kind() from None


def require_visible(kind: str, keys: Collection[str], actor: Actor) -> None:
    """Raise UnableToFindCase unless the actor may see every one of the cases."""
    if set(keys) - case_kind(kind).visible(keys, actor):
        raise refusals.unknown_case()


def summary(kind: str, key: str) -> CaseSummary | None:
    """One case; None if it is gone."""
    return case_kind(kind).summaries([key]).get(key)
