"""Tell the people an emergency is theirs to know: by role, through the one outbox, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amends.channels.actions.post import Outgoing, post_many
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import colleagues
from amends.people.operator.queries import public_address
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import format_moment, is_chinese
from amends.platform.vault.redaction import redact_person
from amends.problems.emergencies.actions.steps import done
from amends.problems.emergencies.models import Emergency
from amends.problems.emergencies.queries.steps import SANDBOX, open_steps, plan_of
from amends.problems.emergencies.rules.emergency import EmergencyLevel
from amends.problems.hotissues.actions.authority import demand, locked_to_lead
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.names import name_of

Message = Callable[[bool], tuple[str, str]]
"""Whether the reader reads Chinese → subject and body."""


def notify_due_steps(issue: HotIssue, *, actor: Actor, now: datetime) -> list[str]:
    """Post the notifications due; returns the steps done by it.

    A role nobody reachable has stays open: it becomes late, and is escalated.
    """
    with transaction.atomic():
        emergency = Emergency.objects.filter(issue=issue).first()
        if emergency is None:
            return []
        plan, informed = plan_of(emergency), []
        for row in open_steps(emergency, "tell"):
            step = plan.step(row.step)
            posted_count = post_to(
                issue, step.roles, f"{row.step}:{issue.level}", _level_message(issue, now), now
            )
            if posted_count:
                informed += done(
                    issue,
                    "tell",
                    actor=actor,
                    now=now,
                    details={"people": posted_count},
                    only=[row.step],
                )
            elif row.details.get("nobody") is None:
                row.details = {"nobody": 1}
                row.save(update_fields=["details"])
                note(issue, "nobody_to_tell", actor=actor, now=now, details={"step": row.step})
        return informed


class UnableToRecordNotification(BadInput):
    """No open step notifies a role, or nothing says who was notified and how."""

    code = "notification_not_recorded"


def record_notification(ref: str, step: str, *, how: str, actor: Actor, now: datetime) -> None:
    """Record that somebody notified a role outside Amends, such as a regulator by phone.

    how  who was notified, by whom and how
    """
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked_to_lead(ref, actor)
        emergency = Emergency.objects.filter(issue=issue).first()
        waiting = {row.step for row in open_steps(emergency, "tell")} if emergency else set()
        if step not in waiting or not how.strip():
            raise UnableToRecordNotification(
                _("This step is done already, or nothing says who was notified and how."),
                meaning=_("Nothing was recorded."),
                next_step=_("Write whom you reached, and by which way."),
            )
        note_text = redact_person(how.strip())[:400]
        done(issue, "tell", actor=actor, now=now, details={"how": note_text}, only=[step])


def notify_level_raised(issue: HotIssue, *, actor: Actor, now: datetime) -> int:
    """Notify the people notified of the level before of a graver one; how many people."""
    emergency = Emergency.objects.get(issue=issue)
    plan, roles = plan_of(emergency), set[str]()
    done_before = emergency.steps.filter(done_at__isnull=False, dropped_at__isnull=True)
    for step in done_before.values_list("step", flat=True):
        rule = plan.step(step)
        if rule.act == "tell" and rule.asked_at(issue.level, emergency.kind):
            roles.update(rule.roles)
    posted_count = post_to(issue, roles, f"raised:{issue.level}", _level_message(issue, now), now)
    if posted_count:
        note(issue, "told_again", actor=actor, now=now, details={"people": posted_count})
    return posted_count


def escalate(
    issue: HotIssue, step: str, roles: Iterable[str], *, step_labels: dict[str, str], now: datetime
) -> int:
    """Escalate a step that was not done in time; how many people were notified.

    words  what the step is, in "zh" and "en"
    """
    return post_to(issue, roles, f"late:{step}", _late(issue, step_labels, now), now)


def post_to(
    issue: HotIssue, roles: Iterable[str], about: str, compose: Message, now: datetime
) -> int:
    """One message to each colleague with one of the roles; how many there are.

    about  what it is about: each colleague gets one message about it
    said   subject and body in the language that is active, without the mark of a drill
    """
    letters, roles = [], set(roles)
    # People without access to the pages of hot issues are notified without a link.
    link = may(roles, "hotissues.read", at=now)
    for person in colleagues(roles, brand=issue.brand):
        if not person.email and not issue.drill:
            continue
        chinese = is_chinese(person.language or "zh")
        with translation.override("zh-hans" if chinese else "en"):
            subject, body = _marked(issue, *compose(chinese), link=link)
        letters.append(
            Outgoing(
                key=f"emergency:{issue.id}:{about}:{person.ref}",
                channel=SANDBOX if issue.drill else "mail",
                recipient=person.email or person.ref,
                subject=subject,
                body=body,
                language="zh" if chinese else "en",
                reference=issue.id,
            )
        )
    post_many(letters, now=now)
    return len(letters)


def _level_message(issue: HotIssue, now: datetime) -> Message:
    """That an issue was given its level."""

    def said(chinese: bool) -> tuple[str, str]:
        fields = _fields(issue, plan_of(issue.emergency).level(issue.level), chinese, now)
        hit = issue.persons + issue.emergency.silent
        fields["persons"] = f"{hit:,}"
        return _("%(level)s: hot issue %(number)s, %(title)s") % fields, ngettext(
            "Hot issue %(number)s, %(title)s, was given %(level)s (%(means)s) at %(at)s."
            " %(persons)s person is known to be affected. Its page lists what is due.",
            "Hot issue %(number)s, %(title)s, was given %(level)s (%(means)s) at %(at)s."
            " %(persons)s persons are known to be affected. Its page lists what is due.",
            hit,
        ) % fields

    return said


def _late(issue: HotIssue, step_labels: dict[str, str], now: datetime) -> Message:
    """That a step was not done in time."""

    def said(chinese: bool) -> tuple[str, str]:
        fields = _fields(issue, plan_of(issue.emergency).level(issue.level), chinese, now)
        fields["step"] = step_labels["zh" if chinese else "en"]
        return _("Late: %(step)s (hot issue %(number)s)") % fields, _(
            "Hot issue %(number)s, %(title)s, %(level)s: “%(step)s” was not done in time"
            " (as of %(at)s). Please see to it."
        ) % fields

    return said


def reached_words(issue: HotIssue, level: EmergencyLevel, persons: int, now: datetime) -> Message:
    """That an issue reaches a level which nobody has given it yet."""

    def said(chinese: bool) -> tuple[str, str]:
        fields = _fields(issue, level, chinese, now)
        fields["persons"] = f"{persons:,}"
        body = ngettext(
            "Hot issue %(number)s, %(title)s, reaches %(level)s of the plan (%(means)s) at"
            " %(at)s: %(persons)s person is known to be affected.",
            "Hot issue %(number)s, %(title)s, reaches %(level)s of the plan (%(means)s) at"
            " %(at)s: %(persons)s persons are known to be affected.",
            persons,
        )
        if issue.level:
            step = _(
                "Its emergency is at a lower level: raise it on its page, or leave it unchanged."
            )
        else:
            step = _(
                "Nobody has declared an emergency: declare it on its page, or leave it unchanged."
            )
        gap = "" if chinese else " "
        subject = _("%(level)s reached: hot issue %(number)s, %(title)s") % fields
        return subject, f"{body % fields}{gap}{step}"

    return said


def _fields(
    issue: HotIssue, level: EmergencyLevel, chinese: bool, now: datetime
) -> dict[str, str | int]:
    return {
        "number": issue.number,
        "title": name_of(issue),
        "level": level.zh if chinese else level.en,
        "means": level.means_zh if chinese else level.means_en,
        "at": format_moment(now, "zh-hans" if chinese else "en", str(settings.TIME_ZONE)),
    }


def _marked(issue: HotIssue, subject: str, body: str, *, link: bool) -> tuple[str, str]:
    """With the address of the issue's page, and the mark of a drill."""
    if link:
        body = f"{body}\n\n{public_address()}/desk/hotissues/{issue.id}/emergency/"
    if not issue.drill:
        return subject, body
    mark = _("[DRILL] ")
    closing = _("This is a drill. Everything in it is invented, and nobody outside is notified.")
    return mark + subject, f"{mark}{body}\n\n{closing}"
