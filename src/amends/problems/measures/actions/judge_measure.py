"""Judge a measure by what was counted: a look on the way, or the verdict on its day."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import Refused
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.actions.open_issue import give_owner, reopen_issue
from amends.problems.hotissues.queries.membership import goes_on_as
from amends.problems.hotissues.queries.reasons import coded
from amends.problems.measures.actions.measure import terms_of
from amends.problems.measures.choices import FAILED, MeasureState
from amends.problems.measures.models import Judgement, Measure
from amends.problems.measures.queries.measure_counts import counted
from amends.problems.measures.rules.rectification import document_of, judge
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

JUDGE = system("hotissues")


def judge_measure(ref: str, *, now: datetime, actor: Actor = JUDGE) -> Judgement:
    """Look at a started measure; on its day of judgement, or later, the look is the verdict.

    The verdict counts the weeks before the day of judgement, however late it is computed, and is
    made once. A look on the way never says that a measure works unless looking again and again
    could not have brought that about by chance. A measure that failed opens its issue again, or the
    one it goes on in; where nobody has it in hand, whoever owns the measure does.
    """
    with transaction.atomic():
        measure = Measure.objects.select_for_update().get(id=ref)
        if measure.state != MeasureState.STARTED:
            raise Refused(
                _("The measure is not under way."),
                next_step=_("Start it, or read its verdict."),
                code="measure_not_under_way",
            )
        today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        final = today >= measure.judge_on
        on = measure.judge_on if final else today
        prior_judgement = measure.judgements.filter(on=on, final=final).first()
        if prior_judgement is not None:
            return prior_judgement
        return _judged(measure, on, final=final, actor=actor, now=now)


def _judged(measure: Measure, on: date, *, final: bool, actor: Actor, now: datetime) -> Judgement:
    terms = terms_of(measure)
    numbers = counted(terms, on=on, brand=measure.brand)
    judged_measure = judge(numbers, terms)
    verdict = judged_measure.found.verdict if final else judged_measure.on_the_way
    judgement = Judgement.objects.create(
        measure=measure,
        on=on,
        at=now,
        final=final,
        verdict=verdict,
        document=document_of(judged_measure, numbers),
    )
    if final:
        _conclude(measure, judgement, actor=actor, now=now)
    return judgement


def _conclude(measure: Measure, judgement: Judgement, *, actor: Actor, now: datetime) -> None:
    measure.state, measure.verdict = MeasureState.JUDGED, judgement.verdict
    measure.judged_at = now
    measure.save(update_fields=["state", "verdict", "judged_at"])
    ratio = judgement.document["rate_ratio"]
    payload: dict[str, str | int] = {
        "measure": measure.id,
        "verdict": judgement.verdict,
        **({} if ratio is None else {"rate_ratio_permille": round(1000 * ratio)}),
        **({"drill": 1} if measure.drill else {}),
        **({"issue": measure.issue_id} if measure.issue_id else {}),
    }
    append(
        [
            Fact(
                kind="MeasureJudged",
                subscriber="",
                subject=measure.id,
                happened_at=now,
                source="hotissues",
                payload=payload,
            )
        ],
        now=now,
    )
    issue = measure.issue
    if issue is None:
        return
    note(
        issue,
        "measure_judged",
        actor=actor,
        now=now,
        details={"measure": measure.number, "verdict": judgement.verdict},
    )
    if judgement.verdict not in FAILED:
        return
    issue = goes_on_as(issue)
    if issue.state == "closed":
        because = coded("no_drop", measure.number)
        reopen_issue(issue.id, because=because, actor=actor, now=now)
    if not issue.owner:
        # It is quiet only for want of alarms: what somebody has in hand no scan closes.
        give_owner(issue.id, owner=measure.owner, actor=actor, now=now)
