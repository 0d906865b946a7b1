"""Find a clock by its step, and what its rule allows; changes are notified and recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many
from amends.cases.complaints.actions.internal_reason import noted
from amends.cases.complaints.actions.letters import day, regulator_fields
from amends.cases.complaints.actions.recount import point_to_next
from amends.cases.complaints.models import Clock, Complaint, Event, Kind
from amends.engines.decisions.allowances import PAUSES, ClockAllowance, allowance
from amends.engines.decisions.clocks import Due
from amends.platform.kit.actors import Actor
from amends.platform.kit.citations import cited
from amends.platform.kit.errors import Refused
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.packs import day_in
from amends.platform.kit.periods import to_ms
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


class UnableToMoveDeadline(Refused):
    """The rule does not allow it, or nothing runs that could be moved."""

    code = "unable_to_move_deadline"


@dataclass(frozen=True, slots=True)
class Running:
    """A clock that binds and is not met, locked with its complaint."""

    complaint: Complaint
    clock: Clock
    allowed: ClockAllowance

    @property
    def due(self) -> Due:
        """The clock as the pure rules know it."""
        return Due(
            step=self.clock.step,
            due_at=self.clock.due_at,
            counting=self.clock.counting,
            counting_zh="",
            source=self.allowed.source,
            rule=self.clock.rule,
            rule_id=self.allowed.rule_id or self.clock.rule,
            effective_from=day_in(self.complaint.jurisdiction, self.complaint.received_at),
            verified=self.clock.verified,
            zh=self.allowed.zh,
            en=self.allowed.en,
            note_zh="",
            note_en="",
            binding=True,
            pauses=self.allowed.pauses,
            extension_days=self.allowed.extension_days,
        )


def running(ref: str, step: str) -> Running:
    """The clock of a step that binds, inside the caller's transaction; or UnableToMoveDeadline."""
    complaint = Complaint.objects.select_for_update().get(id=ref)
    live = complaint.is_open and not complaint.history and complaint.kind == Kind.COMPLAINT
    clocks = complaint.clocks.filter(step=step, binding=True, met_at__isnull=True)
    clock = clocks.order_by("due_at", "id").first() if live else None
    if clock is None:
        raise UnableToMoveDeadline(
            _("No such deadline runs."),
            meaning=_("Nothing was changed."),
            next_step=_("Load the complaint again; its deadlines are listed beside the story."),
        )
    return Running(complaint, clock, allowance(clock.rule, clock.step, clock.counting))


def clocks_nobody_holds() -> QuerySet[Clock]:
    """Clocks for a job to change, inside its transaction, each locked with its complaint.

    Whoever moves a complaint holds its row first and then changes its clocks. A job that took the
    clock alone and then wrote an event of the complaint would wait for that hand while it waits for
    the job; what somebody holds is left to the next pass.
    """
    return Clock.objects.select_related("complaint").select_for_update(
        skip_locked=True, of=("self", "complaint"), no_key=True
    )


def _source(running: Running, chinese: bool) -> str:
    return (
        cited(running.allowed.source, "zh" if chinese else "en") if running.allowed.source else ""
    )


def keep(
    running: Running,
    change: str,
    *,
    before: datetime,
    days: int = 0,
    why: str = "",
    reason: str = "",
    customer_text: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Save the clock; the event, the fact and the letter go with it.

    change         "extended", "paused" or "resumed"
    why            what it waits for, of PAUSES
    reason         for colleagues; `customer_text` is part of the letter
    """
    complaint, clock = running.complaint, running.clock
    clock.save(update_fields=["due_at", "paused_at", "warned_at"])
    point_to_next(complaint)
    complaint.save(update_fields=["next_step", "next_due_at"])
    details = {"clock": clock.pk, "step": clock.step, "days": days, "why": why}
    Event.objects.create(
        complaint=complaint,
        at=now,
        verb=change,
        actor=actor.ref,
        reason=noted(reason),
        details=details,
    )
    append(
        [
            Fact(
                kind="DeadlineMoved",
                subscriber=complaint.subscriber,
                subject=complaint.id,
                happened_at=now,
                source="desk",
                payload={
                    "complaint": complaint.id,
                    "step": clock.step,
                    "rule": clock.rule,
                    "change": change,
                    "days": days,
                    "before_ms": to_ms(before),
                    "due_at_ms": to_ms(clock.due_at),
                    "why": why,
                },
            )
        ],
        now=now,
    )
    chinese = is_chinese(complaint.language)
    fields = {"until": day(clock.due_at, complaint), "was": day(before, complaint)}
    if customer_text:
        fields |= {"reason": customer_text, "source": _source(running, chinese)}
    if why:
        fields["waits"] = PAUSES.get(why, (why, why))[0 if chinese else 1]
    if change != "resumed":
        decision = complaint.decisions.order_by("-at", "-id").first()
        fields |= regulator_fields(complaint, decision, now=now, answered=False)
    answer_many([ReplyDraft(complaint, f"deadline_{change}", fields)], actor=actor, now=now)
