"""Record looks at records shown outside a complaint's page: a receipt, a search by number."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from amends.people.access.actions.disclosure import Disclosure, disclose, shown_only_if_recorded
from amends.people.access.queries import CaseView, cases_of_many, may
from amends.platform.kit.actors import Actor

PURPOSE = "complaint"


def note_look(
    actor: Actor,
    subscribers: Iterable[str],
    fields: Collection[str],
    *,
    page: str,
    reason: str,
    now: datetime,
) -> None:
    """State one look at each subscriber with its reason; call it before anything is shown.

    The look names the subscriber's newest open case of a complaint, where there is one.

    fields  kinds of facts
    page    the permission under which they are shown: the look names the role that holds it
    reason  in English and marked (`gettext_noop`); the subscriber reads it in their own language
    """
    people = sorted({subscriber for subscriber in subscribers if subscriber})
    if not people:
        return
    role = next((role_name for role_name in actor.roles if may([role_name], page)), actor.kind)
    cases = cases_of_many(people)
    looks = [
        Disclosure(
            actor=actor,
            role=role,
            subscriber=person,
            purpose=PURPOSE,
            fields=tuple(fields),
            case=_open_case(cases.get(person, ())),
            reason=reason,
        )
        for person in people
    ]
    with shown_only_if_recorded(actor):
        disclose(looks, now=now)


def _open_case(cases: Iterable[CaseView]) -> str:
    case_refs = [case.ref for case in cases if case.purpose == PURPOSE and case.closed_at is None]
    return case_refs[-1] if case_refs else ""
