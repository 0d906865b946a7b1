"""Assignment: a case goes to a person, to the queue of a team, or back to the queue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from amends.people.access.queries import actor_with_ref, may
from amends.people.access.queries.colleagues import people
from amends.people.access.refusals import UnableToFindPerson
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.vault.redaction import redact_person
from amends.work.casework.actions.notify import notify, notify_watchers
from amends.work.casework.choices import ActivityVerb, NotificationKind
from amends.work.casework.models import Assignment, CaseActivity, Team
from amends.work.casework.queries.kinds import AssignmentChange, case_kind, require_visible
from amends.work.casework.queries.staff import away

LEADS = "casework.lead"


class UnableToAssignCase(Refused):
    """The actor may not assign it, or whom it should go to cannot work on it."""

    code = "unable_to_assign"


def assign_to_person(
    kind: str,
    keys: Iterable[str],
    person: str,
    *,
    reason: str = "",
    verb: ActivityVerb = ActivityVerb.ASSIGNED,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Make a person responsible for cases; the keys of those that changed.

    The team in whose queue a case was stays with it. Refused for somebody who may not work on one
    of the cases or is away.
    """
    wanted = list(dict.fromkeys(keys))
    _require_may_assign(kind, wanted, actor)
    if person != actor.ref:
        _require_can_receive(kind, wanted, person, now=now)
    return _change(kind, wanted, person=person, verb=verb, reason=reason, actor=actor, now=now)


def assign_to_team(
    kind: str,
    keys: Iterable[str],
    team: str,
    *,
    reason: str = "",
    verb: ActivityVerb = ActivityVerb.ASSIGNED,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Put cases into the queue of a team, by its slug; the keys of those that changed."""
    wanted = list(dict.fromkeys(keys))
    _require_may_assign(kind, wanted, actor)
    team_row = Team.objects.filter(slug=team, is_active=True).first()
    if team_row is None or (actor.brand and team_row.brand not in ("", actor.brand)):
        raise UnableToAssignCase(
            _("There is no such team."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose one from the list."),
        )
    _require_team_serves(kind, wanted, team_row)
    return _change(
        kind, wanted, person="", team=team_row, verb=verb, reason=reason, actor=actor, now=now
    )


def return_to_queue(
    kind: str, keys: Iterable[str], *, reason: str = "", actor: Actor, now: datetime
) -> list[str]:
    """Leave cases to whoever takes them next, in the queue of their team if they have one."""
    wanted = list(dict.fromkeys(keys))
    _require_may_assign(kind, wanted, actor)
    return put_back(kind, wanted, reason=reason, actor=actor, now=now)


def put_back(
    kind: str, keys: Sequence[str], *, reason: str = "", actor: Actor, now: datetime
) -> list[str]:
    """`return_to_queue` for jobs of the platform, without asking who may."""
    return _change(
        kind, keys, person="", verb=ActivityVerb.RETURNED, reason=reason, actor=actor, now=now
    )


def place(
    kind: str,
    keys: Sequence[str],
    *,
    person: str,
    team: Team,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> list[str]:
    """For jobs of the platform: put cases into a team's queue or give them to one of its members,
    without asking who may."""
    return _change(
        kind,
        keys,
        person=person,
        team=team,
        verb=ActivityVerb.ASSIGNED,
        reason=reason,
        actor=actor,
        now=now,
    )


def team_removed(team: Team, *, actor: Actor, now: datetime) -> int:
    """What a team works on is of no team any more; people keep what they handle. How many cases.

    Called in the transaction that ends the team.
    """
    rows = list(Assignment.objects.select_for_update().filter(team=team).order_by("id"))
    Assignment.objects.filter(pk__in=[row.pk for row in rows]).update(team=None)
    for kind, person in sorted({(row.kind, row.person) for row in rows}):
        keys = tuple(row.key for row in rows if (row.kind, row.person) == (kind, person))
        change = AssignmentChange(
            keys=keys,
            person=person,
            team="",
            verb=ActivityVerb.RETURNED,
            reason="",
            actor=actor,
            now=now,
        )
        case_kind(kind).assigned(change)
    return len(rows)


def _change(
    kind: str,
    keys: Sequence[str],
    *,
    person: str,
    team: Team | None = None,
    verb: ActivityVerb,
    reason: str,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Write the assignment of cases that have another one; `team` None leaves theirs."""
    redacted_reason = redact_person(reason.strip())[:2000]
    with transaction.atomic():
        rows = Assignment.objects.select_for_update().filter(kind=kind, key__in=keys)
        before = {row.key: row for row in rows.order_by("id")}
        changed = [key for key in keys if _differs(before.get(key), person, team)]
        if not changed:
            return []
        teams = {key: team or (before[key].team if key in before else None) for key in changed}
        Assignment.objects.bulk_create(
            [
                Assignment(
                    kind=kind,
                    key=key,
                    person=person,
                    team=teams[key],
                    since=now,
                    assigned_by=actor.ref,
                )
                for key in changed
            ],
            update_conflicts=True,
            unique_fields=["kind", "key"],
            update_fields=["person", "team", "since", "assigned_by"],
            batch_size=500,
        )
        about = case_kind(kind)
        for slug in sorted({old_team.slug if old_team else "" for old_team in teams.values()}):
            team_keys = tuple(key for key in changed if _slug(teams[key]) == slug)
            about.assigned(
                AssignmentChange(
                    keys=team_keys,
                    person=person,
                    team=slug,
                    verb=verb,
                    reason=redacted_reason,
                    actor=actor,
                    now=now,
                )
            )
        if not about.logs_assignments:
            CaseActivity.objects.bulk_create(
                CaseActivity(
                    kind=kind,
                    key=key,
                    at=now,
                    verb=verb,
                    actor=actor.ref,
                    person=person,
                    team=_slug(teams[key]),
                    reason=redacted_reason,
                )
                for key in changed
            )
        _notify(kind, changed, before, person=person, team=team, verb=verb, by=actor.ref, now=now)
    return changed


def _notify(
    kind: str,
    keys: Collection[str],
    before: dict[str, Assignment],
    *,
    person: str,
    team: Team | None,
    verb: ActivityVerb,
    by: str,
    now: datetime,
) -> None:
    """Whom it went to, who had it, and who watches; a team is notified by its lead."""
    escalated = verb == ActivityVerb.ESCALATED
    for key in keys:
        if person:
            what = NotificationKind.ESCALATED if escalated else NotificationKind.ASSIGNED
            notify([person], kind, key, what, by=by, now=now)
        elif team is not None and team.lead:
            what = NotificationKind.ESCALATED if escalated else NotificationKind.TEAM_ASSIGNED
            notify([team.lead], kind, key, what, by=by, now=now)
        had = before[key].person if key in before else ""
        what = NotificationKind.REASSIGNED if person or team else NotificationKind.RETURNED
        notify_watchers(kind, key, what, by=by, now=now, also=had)


def _differs(row: Assignment | None, person: str, team: Team | None) -> bool:
    if row is None:
        return bool(person or team)
    return row.person != person or (team is not None and row.team_id != team.pk)


def _slug(team: Team | None) -> str:
    return team.slug if team else ""


def _require_may_assign(kind: str, keys: Collection[str], actor: Actor) -> None:
    require_visible(kind, keys, actor)
    if may(actor.roles, LEADS) or not set(keys) - case_kind(kind).workable(keys, actor):
        return
    raise UnableToAssignCase(
        _("Your role does not assign this case."),
        meaning=_("Nothing was changed."),
        next_step=_("Ask the lead of the team."),
    )


def _require_can_receive(kind: str, keys: Collection[str], person: str, *, now: datetime) -> None:
    name = people([person]).get(person, person)
    try:
        receiver = actor_with_ref(person)
    except UnableToFindPerson:
        raise UnableToAssignCase(
            _("%(name)s does not work here any more."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose someone else, or a team."),
            values={"name": name},
        ) from None
    if set(keys) - case_kind(kind).workable(keys, receiver):
        raise UnableToAssignCase(
            _("%(name)s may not work on this case."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose someone else, or a team."),
            values={"name": name},
        )
    if until := away([person], on=timezone.localdate(now)).get(person):
        raise UnableToAssignCase(
            _("%(name)s is away until %(day)s."),
            meaning=_("Nothing was changed."),
            next_step=_("Assign it to the team, or to someone who is available."),
            values={"name": name, "day": until.isoformat()},
        )


def _require_team_serves(kind: str, keys: Collection[str], team: Team) -> None:
    """A team of a brand works on cases of its brand alone."""
    cases = case_kind(kind).summaries(keys).values() if team.brand else ()
    if any(case.brand != team.brand for case in cases):
        raise UnableToAssignCase(
            _("The team %(team)s does not work for this brand."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose another team."),
            values={"team": team.title},
        )
