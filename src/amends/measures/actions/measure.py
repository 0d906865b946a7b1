"""Plan a measure and start it: from then on nothing of it can be changed but its verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.access.actors import Actor
from amends.access.queries.colleagues import people
from amends.facts.fact import Fact
from amends.hotissues.actions.authority import demand, locked
from amends.hotissues.actions.note import note
from amends.hotissues.queries.cube import counted_values, registered_values, rows_between, trees
from amends.kit.errors import BadInput
from amends.kit.formats import is_chinese
from amends.ledger.actions.append import append
from amends.measures.models import Measure
from amends.measures.rules.measure_terms import (
    BEFORE_WEEKS,
    PROBLEMS,
    WEEK,
    MeasureTerms,
    problems,
    strangers,
)
from amends.vault.redaction import redact_person


class UnableToMeasure(BadInput):
    """The terms do not allow a verdict, or the measure was started already."""

    code = "measure_not_fixed"


def plan_measure(
    terms: MeasureTerms, *, issue: str = "", instead: str = "", actor: Actor, now: datetime
) -> Measure:
    """Keep what is going to be done and how it will be judged; it may still be dropped.

    instead  a planned measure that this one takes the place of: it is dropped
    """
    demand(actor, "hotissues.measure", now)
    said = replace(
        terms,
        title=redact_person(terms.title.strip())[:120],
        cause=redact_person(terms.cause.strip())[:400],
        action=redact_person(terms.action.strip())[:400],
    )
    _refuse_bad(said, now)
    with transaction.atomic():
        if instead:
            _drop(instead, actor, now)
        found = locked(issue, actor) if issue else None
        last = Measure.objects.aggregate(last=Max("number"))["last"] or 0
        measure = Measure.objects.create(
            number=last + 1, issue=found, brand=(found.brand if found else "") or actor.brand,
            drill=bool(found and found.drill), title=said.title, cause=said.cause,
            action=said.action, owner=said.owner, starts_on=said.starts_on,
            judge_on=said.judge_on, wash_out_days=said.wash_out_days,
            expected_drop_permille=said.expected_drop_permille, treated=list(said.treated),
            control=list(said.control), left_from=said.left_from, left_to=said.left_to,
            planned_at=now, planned_by=actor.ref,
        )  # fmt: skip
        if found:
            details: dict[str, object] = {"measure": measure.number}
            note(found, "measure_planned", actor=actor, now=now, details=details)
    return measure


def drop_measure(ref: str, *, actor: Actor, now: datetime) -> None:
    """Leave a planned measure: it never was one. One that was started is judged."""
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
    rows = Measure.objects.select_for_update().filter(id=ref, state=Measure.State.PLANNED)
    return (rows.filter(brand=actor.brand) if actor.brand else rows).first()


def start_measure(ref: str, *, actor: Actor, now: datetime) -> Measure:
    """Fix a planned measure: its terms are stated as a fact, and the database holds them."""
    demand(actor, "hotissues.measure", now)
    with transaction.atomic():
        measure = _planned(ref, actor)
        if measure is None:
            raise UnableToMeasure(
                _("There is no such measure to start."), next_step=_("Load the page again.")
            )
        terms = terms_of(measure)
        _refuse_bad(terms, now)
        measure.state, measure.digest = Measure.State.STARTED, terms.digest()
        measure.started_at, measure.started_by = now, actor.ref
        measure.save()
        payload: dict[str, str | int] = {
            "measure": measure.id, "digest": measure.digest,
            "judge_on": measure.judge_on.isoformat(), **({"drill": 1} if measure.drill else {}),
            **({"issue": measure.issue_id} if measure.issue_id else {}),
        }  # fmt: skip
        append([Fact("MeasureStarted", "", measure.id, now, "hotissues", payload)], now=now)
        if measure.issue:
            details: dict[str, object] = {"measure": measure.number}
            note(measure.issue, "measure_started", actor=actor, now=now, details=details)
    return measure


def terms_of(measure: Measure) -> MeasureTerms:
    """What was fixed, as the rules know it."""
    return MeasureTerms(
        measure.title, measure.cause, measure.action, measure.owner, measure.starts_on,
        measure.judge_on, measure.wash_out_days, measure.expected_drop_permille,
        tuple(measure.treated), tuple(measure.control), measure.left_from, measure.left_to,
    )  # fmt: skip


def _refuse_bad(terms: MeasureTerms, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    known = _known(terms, today)
    wrong = list(problems(terms, today=today, trees=trees(), known=known))
    if terms.owner and terms.owner not in people([terms.owner]):
        wrong.append("words")
    if wrong:
        chinese = is_chinese(get_language() or "en")
        next_step = _("Correct it: what is not fixed beforehand proves nothing.")
        if "unknown" in wrong:
            next_step = _("Not known: %(values)s. Take what an issue or a chart names.") % {
                "values": ", ".join(strangers(terms, known))[:200]
            }
        raise UnableToMeasure(
            "；".join(PROBLEMS[one][0] for one in wrong) + "。"
            if chinese
            else " ".join(PROBLEMS[one][1] for one in wrong),
            meaning=_("Nothing was fixed."),
            next_step=next_step,
        )


def _known(terms: MeasureTerms, today: date) -> dict[str, set[str]]:
    """The values there are; complaints are looked through only for what no register names."""
    known = registered_values()
    if "place" not in problems(terms, today=today) and strangers(terms, known):
        counted = counted_values(rows_between(today - BEFORE_WEEKS * WEEK, today))
        known = {name: values | counted.get(name, set()) for name, values in known.items()}
    return known
