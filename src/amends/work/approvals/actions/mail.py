"""Mails about requests, where the operator wants mails to colleagues: to deciders and requesters.

A mail names the decision and links to the request; it quotes nothing of the subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from amends.channels.actions.post import Outgoing, post_many
from amends.people.access.queries.colleagues import Colleague, colleagues_by_ref, people
from amends.people.operator.queries import public_address
from amends.platform.kit.formats import is_chinese
from amends.work.approvals.choices import WaitingState
from amends.work.approvals.models import WaitingItem
from amends.work.approvals.queries import deciders, decision_named


def mail_request(item: WaitingItem, *, now: datetime) -> None:
    """Mail those who may decide a request, in the transaction that stores it."""
    if settings.NOTIFY_STAFF_BY_MAIL:
        asker = people([item.asked_by]).get(item.asked_by, "Amends")
        able = deciders(item, now=now)

        def event() -> str:
            return _("%(who)s requests your approval") % {"who": asker}

        _post(item, able, "request", event, now)


def mail_answer(item: WaitingItem, *, now: datetime) -> None:
    """Mail the requester how a request ended; not where the requester ended it."""
    by_others = item.answered_by != item.asked_by and item.state != WaitingState.OVERTAKEN
    if settings.NOTIFY_STAFF_BY_MAIL and by_others:
        _post(item, [item.asked_by], "answer", item.get_state_display, now)


def _post(
    item: WaitingItem, recipients: Iterable[str], part: str, event: Callable[[], str], now: datetime
) -> None:
    mailboxes = colleagues_by_ref(recipients)
    post_many([_letter(item, person, part, event) for person in mailboxes.values()], now=now)


def _letter(item: WaitingItem, person: Colleague, part: str, event: Callable[[], str]) -> Outgoing:
    chinese = is_chinese(person.language or settings.LANGUAGE_CODE)
    with translation.override("zh-hans" if chinese else "en"):
        title = str(decision_named(item.decision).title)
        fields = {"decision": title, "event": event()}
        subject = _("%(decision)s: %(event)s") % fields
        address = f"{public_address()}{reverse('approval', args=[item.ref])}"
    return Outgoing(
        key=f"{item.ref}:{part}:{person.ref}",
        channel="mail",
        recipient=person.email,
        subject=subject,
        body=f"{subject}\n\n{address}",
        language="zh" if chinese else "en",
        reference=item.ref,
    )
