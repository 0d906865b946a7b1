"""Plan a measure and start it: from then on nothing of it can be changed but its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from amends.people.access.queries.colleagues import people
from amends.platform.database.locks import advisory_lock
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.vault.redaction import redact_person
from amends.problems.hotissues.actions.authority import demand, locked
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.queries.cube import (
    counted_values,
    registered_values,
    rows_between,
    trees,
)
from amends.problems.measures.choices import MeasureState
from amends.problems.measures.models import Measure
from amends.problems.measures.rules.measure_terms import (
    BEFORE_WEEKS,
    PROBLEMS,
    WEEK,
    MeasureTerms,
    problems,
    strangers,
)
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


@dataclass(frozen=True, slots=True)
class TermProblem:
    """What is wrong with the terms, in the reader's language, and the field it is about."""

    field: str
    text: str


class UnableToMeasure(BadInput):
    """The terms do not allow a verdict, or the measure was started already.

    problems  what is wrong with the terms, if that is why
    """

    code = "measure_not_fixed"

    def __init__(self, what: str, *, problems: Sequence[TermProblem] = (), **parts: Any) -> None:
        super().__init__(what, **parts)
        self.problems = tuple(problems)


def plan_measure(
    terms: MeasureTerms, *, issue: str = "", instead: str = "", actor: Actor, now: datetime
) -> Measure:
    """Store what is going to be done and how it will be judged; it may still be dropped.

    instead  id of a planned measure that this one replaces: it is dropped

    Raises UnableToMeasure where the terms do not allow a verdict.
    """
    demand(actor, "hotissues.measure", now)
    redacted = replace(
        terms,
        title=redact_person(terms.title.strip())[:120],
        cause=redact_person(terms.cause.strip())[:400],
        action=redact_person(terms.action.strip())[:400],
    )
    _refuse_bad(redacted, now)
    with transaction.atomic():
        if instead:
            _drop(instead, actor, now)
        locked_issue = locked(issue, actor) if issue else None
        advisory_lock("measures", ["number"])
        last = Measure.objects.aggregate(last=Max("number"))["last"] or 0
        measure = Measure.objects.create(
            number=last + 1,
            issue=locked_issue,
            brand=(locked_issue.brand if locked_issue else "") or actor.brand,
            drill=bool(locked_issue and locked_issue.drill),
            **_fields(redacted),
            planned_at=now,
            planned_by=actor.ref,
        )
        if locked_issue:
            details: dict[str, object] = {"measure": measure.number}
            note(locked_issue, "measure_planned", actor=actor, now=now, details=details)
    return measure


def drop_measure(ref: str, *, actor: Actor, now: datetime) -> None:
    """Delete a planned measure. One that was started cannot be dropped: it is judged."""
    demand(actor, "hotissues.measure", now)
    with transaction.atomic():
        _drop(ref, actor, now)


def _drop(ref: str, actor: Actor, now: datetime) -> None:
    measure = _planned(ref, actor)
    if measure is None:
        raise UnableToMeasure(
            _("There is no such measure to drop: one that was started is judged."),
            next_step=_("Load the page again."),
        )
    if measure.issue:
        details: dict[str, object] = {"measure": measure.number}
        note(measure.issue, "measure_dropped", actor=actor, now=now, details=details)
    measure.delete()


def _planned(ref: str, actor: Actor) -> Measure | None:
    rows = Measure.objects.select_for_update().filter(id=ref, state=MeasureState.PLANNED)
    return (rows.filter(brand=actor.brand) if actor.brand else rows).first()


def start_measure(ref: str, *, actor: Actor, now: datetime) -> Measure:
    """Fix a planned measure: its terms become a fact, and the database refuses to change them."""
    demand(actor, "hotissues.measure", now)
    with transaction.atomic():
        measure = _planned(ref, actor)
        if measure is None:
            raise UnableToMeasure(
                _("There is no such measure to start."), next_step=_("Load the page again.")
            )
        terms = terms_of(measure)
        _refuse_bad(terms, now)
        measure.state, measure.digest = MeasureState.STARTED, terms.digest()
        measure.started_at, measure.started_by = now, actor.ref
        measure.save()
        payload: dict[str, str | int] = {
            "measure": measure.id,
            "digest": measure.digest,
            "judge_on": measure.judge_on.isoformat(),
        }
        if measure.drill:
            payload["drill"] = 1
        if measure.issue_id:
            payload["issue"] = measure.issue_id
        append(
            [
                Fact(
                    kind="MeasureStarted",
                    subscriber="",
                    subject=measure.id,
                    happened_at=now,
                    source="hotissues",
                    payload=payload,
                )
            ],
            now=now,
        )
        if measure.issue:
            details: dict[str, object] = {"measure": measure.number}
            note(measure.issue, "measure_started", actor=actor, now=now, details=details)
    return measure


def terms_of(measure: Measure) -> MeasureTerms:
    """The terms of a measure, as the rules know them."""
    stored = {field.name: getattr(measure, field.name) for field in fields(MeasureTerms)}
    segments = {name: tuple(stored[name]) for name in ("treated", "control")}
    return MeasureTerms(**stored | segments)


def _fields(terms: MeasureTerms) -> dict[str, Any]:
    stored = {field.name: getattr(terms, field.name) for field in fields(terms)}
    return stored | {name: list(stored[name]) for name in ("treated", "control")}


def _refuse_bad(terms: MeasureTerms, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    recorded_values = _known(terms, today)
    wrong = list(problems(terms, today=today, trees=trees(), recorded_values=recorded_values))
    if terms.owner and terms.owner not in people([terms.owner]):
        wrong.append("owner")
    if not wrong:
        return
    refusals = []
    for problem_kind in wrong:
        problem = PROBLEMS[problem_kind]
        text = _(problem.text) % dict(problem.values)
        if problem_kind == "unknown":
            unknown = ", ".join(strangers(terms, recorded_values))[:200]
            text = f"{text} {_('Unknown: %(values)s.') % {'values': unknown}}"
        refusals.append(TermProblem(problem.field, text))
    raise UnableToMeasure(
        " ".join(refusal.text for refusal in refusals),
        meaning=_("Nothing was fixed."),
        next_step=_("Correct it: what is not fixed beforehand proves nothing."),
        problems=refusals,
    )


def _known(terms: MeasureTerms, today: date) -> dict[str, set[str]]:
    """The values that exist; complaints are searched only for those that no register has."""
    recorded_values = registered_values()
    if "place" not in problems(terms, today=today) and strangers(terms, recorded_values):
        counted = counted_values(rows_between(today - BEFORE_WEEKS * WEEK, today))
        recorded_values = {
            name: values | counted.get(name, set()) for name, values in recorded_values.items()
        }
    return recorded_values
