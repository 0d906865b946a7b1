"""Tell the people an emergency is theirs to know: by role, through the one outbox, each once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from amends.access.actors import Actor
from amends.access.queries import colleagues
from amends.channels.actions.post import Outgoing, post_many
from amends.hotissues.actions.open_issue import note
from amends.hotissues.emergency_steps import SANDBOX, done, open_steps, plan_of
from amends.hotissues.models import Emergency, HotIssue
from amends.kit.formats import format_moment, is_chinese


def tell_roles(issue: HotIssue, *, actor: Actor, now: datetime) -> list[str]:
    """Post what is due to be told; returns the steps done by it.

    A role nobody reachable has stays open: it becomes late, and is escalated.
    """
    with transaction.atomic():
        emergency = Emergency.objects.filter(issue=issue).first()
        if emergency is None:
            return []
        plan, told = plan_of(emergency), []
        for row in open_steps(emergency, "tell"):
            step = plan.step(row.step)
            said = _post(issue, step.roles, f"{row.step}:{issue.level}", now)
            if said:
                told += done(
                    issue, "tell", actor=actor, now=now, details={"people": said}, only=[row.step]
                )
            elif row.details.get("nobody") is None:
                row.details = {"nobody": 1}
                row.save(update_fields=["details"])
                note(issue, "nobody_to_tell", actor=actor, now=now, details={"step": row.step})
        return told


def escalate(
    issue: HotIssue, step: str, roles: Iterable[str], *, words: dict[str, str], now: datetime
) -> int:
    """Tell those above that a step was not done in time; how many were told.

    words  what the step is, in "zh" and "en"
    """
    return _post(issue, roles, f"late:{step}", now, late=words)


def _post(
    issue: HotIssue,
    roles: Iterable[str],
    about: str,
    now: datetime,
    *,
    late: dict[str, str] | None = None,
) -> int:
    """One message to each colleague with one of the roles; how many there are."""
    letters = []
    for person in colleagues(roles, brand=issue.brand):
        if not person.email and not issue.drill:
            continue
        chinese = is_chinese(person.language or "zh")
        with translation.override("zh-hans" if chinese else "en"):
            subject, body = _words(issue, now, late["zh" if chinese else "en"] if late else "")
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


def _words(issue: HotIssue, now: datetime, late: str) -> tuple[str, str]:
    language = translation.get_language() or "en"
    plan = plan_of(issue.emergency)
    level = plan.level(issue.level)
    chinese = is_chinese(language)
    fields = {
        "number": issue.number,
        "title": issue.title or _("without a title yet"),
        "level": level.zh if chinese else level.en,
        "means": level.means_zh if chinese else level.means_en,
        "persons": f"{issue.persons + issue.emergency.silent:,}",
        "at": format_moment(now, language, _zone()),
        "step": late,
    }
    mark = _("[DRILL] ") if issue.drill else ""
    if late:
        subject = _("Late: %(step)s (hot issue %(number)s)") % fields
        body = _(
            "Hot issue %(number)s, %(title)s, %(level)s: “%(step)s” was not done in time"
            " (as of %(at)s). Please see to it."
        )
    else:
        subject = _("%(level)s: hot issue %(number)s, %(title)s") % fields
        body = _(
            "Hot issue %(number)s, %(title)s, was given %(level)s (%(means)s) at %(at)s."
            " %(persons)s persons are hit as far as is known. What is due stands on its page."
        )
    closing = _("This is a drill. Nothing of it happened, and nobody outside is told.")
    return mark + subject, mark + body % fields + (f"\n\n{closing}" if issue.drill else "")


def _zone() -> str:
    return str(settings.TIME_ZONE)
