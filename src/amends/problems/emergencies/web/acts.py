"""What the forms of an emergency do; messages and reliefs to many people are previewed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.actors import Actor
from amends.platform.kit.dates import parse_moment
from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import format_money
from amends.platform.kit.packs import pack
from amends.problems.emergencies.actions.answer_all import draft_answer, send_answer
from amends.problems.emergencies.actions.bulk_credit import Relief, relief_outlook, relieve
from amends.problems.emergencies.actions.declare import Declaration, change_level, declare, scope_of
from amends.problems.emergencies.actions.end_emergency import end_cause, end_emergency, write_review
from amends.problems.emergencies.actions.freeze_sale import cause_of, freeze_sale, resume_sale
from amends.problems.emergencies.actions.mark_disaster import mark_disaster
from amends.problems.emergencies.actions.notify_roles import record_notification
from amends.problems.emergencies.actions.notify_silent import (
    count_silent,
    draft_notice,
    notice_digest,
    notify_silent,
    readable_notice,
    silent_summary,
)
from amends.problems.emergencies.actions.publish import Wording, publish, withdraw_statement
from amends.problems.hotissues.actions.assign import assign
from amends.problems.hotissues.actions.authority import demand
from amends.problems.hotissues.actions.join_by_hand import join_by_hand
from amends.problems.hotissues.queries import found_issue
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.words import joined_words
from amends.record.catalogue.queries import freezes

Act = Callable[[HotIssue, QueryDict, Actor, datetime], str]


@dataclass(frozen=True, slots=True)
class Preview:
    """What is shown before something happens.

    texts   what people will read; those typed in the form where None
    fields  what the confirmation carries besides the form
    """

    question: str
    texts: tuple[str, ...] | None = None
    fields: tuple[tuple[str, str], ...] = ()


AskFirst = Callable[[HotIssue, QueryDict, Actor, datetime], Preview]


class UnableToAct(BadInput):
    """There is no such act, or a field cannot be read."""

    code = "act_unreadable"


@require_POST
@requires("hotissues.answer")
@refusals_as_pages
def act(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """Do one thing to an emergency; the action itself asks for the permission it needs."""
    actor, now, data = actor_of(request), timezone.now(), request.POST
    issue = found_issue(ref, actor)
    if verb not in ACTS:
        raise UnableToAct(_("There is no such action."), next_step=_("Load the page again."))
    if verb in CONFIRMATIONS and not data.get("confirmed"):
        return _confirm_page(request, issue, verb, CONFIRMATIONS[verb](issue, data, actor, now))
    message = ACTS[verb](issue, data, actor, now)
    messages.success(request, message)
    return redirect("issue_emergency", issue.id)


def _confirm_page(
    request: HttpRequest, issue: HotIssue, verb: str, preview: Preview
) -> HttpResponse:
    """Show the consequence in words, and everything that was typed, before it happens."""
    own = {"csrfmiddlewaretoken", "confirmed", *dict(preview.fields)}
    hidden = [(name, value) for name, value in request.POST.items() if name not in own]
    typed = [value for name, value in hidden if name in ("zh", "en")]
    context = {
        "issue": issue,
        "verb": verb,
        "question": preview.question,
        "hidden": [*hidden, *preview.fields],
        "shown": typed if preview.texts is None else preview.texts,
    }
    return render(request, "emergencies/confirm.html", context)


def _declare(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    scope = scope_of(
        data.get("offers", "").split(","),
        data.get("areas", "").split(","),
        _moment(data.get("since", "")),
        data.getlist("causes"),
    )
    declare(
        issue.id,
        Declaration(
            kind=data.get("kind", "other"),
            level=data.get("level", ""),
            reason=data.get("because", ""),
            scope=scope,
        ),
        actor=actor,
        now=now,
    )
    return _("The emergency is declared. The steps due are listed below.")


def _level(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    change_level(
        issue.id, data.get("level", ""), because=data.get("because", ""), actor=actor, now=now
    )
    return _("The level is changed; the deadlines follow it.")


def _assign(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    assign(issue.id, data.get("owner", ""), actor=actor, now=now, seen=data.get("seen"))
    return _("The owner is named.")


def _freeze(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    freeze_sale(
        issue.id,
        data.get("kind", ""),
        data.get("ref", "").strip(),
        reason=data.get("reason", ""),
        actor=actor,
        now=now,
    )
    return _("It is taken from sale: no order of it is accepted until this is lifted.")


def _resume(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    resume_sale(
        issue.id,
        data.get("kind", ""),
        data.get("ref", ""),
        reason=data.get("reason", ""),
        actor=actor,
        now=now,
    )
    return _("It may be sold again.")


def _publish(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    wording = Wording(
        title_zh=data.get("title_zh", ""),
        title_en=data.get("title_en", ""),
        text_zh=data.get("zh", ""),
        text_en=data.get("en", ""),
    )
    version_row = publish(issue.id, wording, actor=actor, now=now)
    if issue.drill:
        return _("Stored with the drill; no public page shows it.")
    return _("Version %(n)s is on the public page.") % {"n": version_row.version}


def _withdraw(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    withdraw_statement(issue.id, because=data.get("reason", ""), actor=actor, now=now)
    return _("The statement is withdrawn; its history stays.")


def _draft(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    draft_answer(issue.id, data.get("zh", ""), data.get("en", ""), actor=actor, now=now)
    return _("The text is saved. A colleague reads the answers and sends them.")


def _send(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    round_ = send_answer(issue.id, actor=actor, now=now, seen=data.get("seen", ""))
    message = ngettext(
        "%(n)s complaint is answered.", "%(n)s complaints are answered.", round_.answered
    ) % {"n": round_.answered}
    left = len(round_.left)
    if left:
        message += " " + ngettext(
            "%(n)s is left to a person.", "%(n)s are left to a person.", left
        ) % {"n": left}
    return message


def _record_step(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    record_notification(
        issue.id, data.get("step", ""), how=data.get("reason", ""), actor=actor, now=now
    )
    return _("The notification is recorded.")


def _notice(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    draft_notice(issue.id, data.get("zh", ""), data.get("en", ""), actor=actor, now=now)
    return _("The message is saved. A colleague reads it and sends it.")


def _notify(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    limit_text = data.get("most", "")
    notified, unreachable = notify_silent(
        issue.id,
        limit=int(limit_text) if limit_text.isdecimal() and len(limit_text) < 10 else 0,
        seen=data.get("seen", ""),
        actor=actor,
        now=now,
    )
    message = ngettext("%(n)s user is notified.", "%(n)s users are notified.", notified) % {
        "n": notified
    }
    if unreachable:
        message += " " + ngettext(
            "%(n)s has no contact on record.", "%(n)s have no contact on record.", unreachable
        ) % {"n": unreachable}
    return message


def _relieve(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    relieved = relieve(issue.id, _relief(data, now), actor=actor, now=now)
    return ngettext(
        "Proposed for %(n)s user; it waits for approval under Remedies.",
        "Proposed for %(n)s users; it waits for approval under Remedies.",
        relieved,
    ) % {"n": relieved}


def _cause_ended(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    end_cause(issue.id, because=data.get("reason", ""), actor=actor, now=now)
    return _("The cause has ended.")


def _disaster(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    marked = data.get("disaster") == "yes"
    mark_disaster(issue.id, marked, because=data.get("reason", ""), actor=actor, now=now)
    if marked:
        return _(
            "Marked as a natural disaster: rules that exclude natural disasters do not apply to it."
        )
    return _("The mark is removed: rules that exclude natural disasters apply again.")


def _review(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    write_review(issue.id, data.get("review", ""), actor=actor, now=now)
    return _("The review is saved.")


def _close(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    end_emergency(issue.id, because=data.get("reason", ""), actor=actor, now=now)
    return _("The issue is closed. A complaint that comes later is asked about first.")


def _join(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> str:
    return joined_words(
        join_by_hand(
            issue.id,
            data.get("complaints", "").split(),
            because=data.get("reason", ""),
            actor=actor,
            now=now,
        )
    )


ACTS: dict[str, Act] = {
    "declare": _declare,
    "level": _level,
    "assign": _assign,
    "freeze": _freeze,
    "resume": _resume,
    "publish": _publish,
    "withdraw": _withdraw,
    "draft": _draft,
    "send": _send,
    "told": _record_step,
    "notice": _notice,
    "tell": _notify,
    "relieve": _relieve,
    "cause": _cause_ended,
    "review": _review,
    "close": _close,
    "join": _join,
    "disaster": _disaster,
}


def _ask_notify(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> Preview:
    notice = readable_notice(issue, actor=actor)
    count_silent(issue.id, actor=actor, now=now)
    seen = silent_summary(issue, brand=actor.brand)
    waiting = sum(seen.by_language.values())
    question = ngettext(
        "%(n)s user who has not complained gets this message at the contact on record,"
        " %(zh)s in Chinese and %(en)s in English. Each can see that their contact was used.",
        "%(n)s users who have not complained get this message at the contact on record,"
        " %(zh)s in Chinese and %(en)s in English. Each can see that their contact was used.",
        waiting,
    ) % {
        "n": waiting,
        "zh": seen.by_language.get("zh", 0),
        "en": seen.by_language.get("en", 0),
    }
    fields = (("seen", notice_digest(notice)), ("most", str(waiting)))
    return Preview(question, (notice.text_zh, notice.text_en), fields)


def _ask_relieve(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> Preview:
    demand(actor, "hotissues.silent", now)
    count_silent(issue.id, actor=actor, now=now)
    seen = relief_outlook(issue, _relief(data, now), brand=actor.brand, now=now)
    question = ngettext(
        "%(n)s user gets %(each)s, %(sum)s in all. The proposal waits for approval.",
        "%(n)s users each get %(each)s, %(sum)s in all. The proposals wait for approval.",
        seen.people,
    ) % {
        "n": seen.people,
        "sum": format_money(seen.amount_minor, seen.currency),
        "each": format_money(_relief(data, now).amount_minor, seen.currency),
    }
    return Preview(question)


def _ask_publish(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> Preview:
    demand(actor, "hotissues.lead", now)
    if issue.drill:
        question = _("This is a drill: the statement is stored with it and not published.")
    else:
        question = _("Everybody can read this from now on, and all versions are kept permanently.")
    return Preview(question)


def _ask_close(issue: HotIssue, data: QueryDict, actor: Actor, now: datetime) -> Preview:
    demand(actor, "hotissues.lead", now)
    message = _("The issue is closed. Measures under way are still judged, and may open it again.")
    active_freezes = [
        freeze.ref for freeze in freezes(cause=cause_of(issue)) if freeze.lifted_at is None
    ]
    if active_freezes:
        message += " " + _(
            "Still suspended from sale, until it is resumed on this page: %(what)s."
        ) % {"what": ", ".join(active_freezes)}
    return Preview(message)


CONFIRMATIONS: dict[str, AskFirst] = {
    "tell": _ask_notify,
    "relieve": _ask_relieve,
    "publish": _ask_publish,
    "close": _ask_close,
}


def _relief(data: QueryDict, now: datetime) -> Relief:
    try:
        amount = int((Decimal(data.get("amount", "")) * 100).to_integral_exact())
    except (InvalidOperation, ValueError) as error:
        raise UnableToAct(
            _("The amount cannot be read."), next_step=_("Write it like 12.50.")
        ) from error
    currency = pack(settings.JURISDICTION, timezone.localdate(now)).currency
    return Relief(
        amount_minor=amount,
        currency=currency,
        reason_zh=data.get("zh", ""),
        reason_en=data.get("en", ""),
    )


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = parse_moment(text)
    except ValueError as error:
        raise UnableToAct(
            _("The day cannot be read."), next_step=_("Write it like 2026-11-25.")
        ) from error
    local = moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())
    return local.astimezone(UTC)
