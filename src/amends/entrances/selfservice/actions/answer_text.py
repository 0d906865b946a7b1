"""Carry out a keyword and answer with a text: for the chat and text messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.causes.confirmations.actions.answer import answer_by_text
from amends.causes.notices.texts.duties import counter_words as counter_name
from amends.entrances.selfservice.actions.order import OrderProgress, order_offer, progress
from amends.entrances.selfservice.actions.set_reminder import set_reminder
from amends.entrances.selfservice.actions.stop import stop_service
from amends.entrances.selfservice.queries import (
    ActiveService,
    IdentifiedUser,
    LineUse,
    OrderableOffer,
    ReminderSetting,
    orderable,
    reminders_of,
    running,
    speed_test_link,
    usage_of,
)
from amends.entrances.selfservice.rules.keywords import Keyword, read_keyword
from amends.entrances.selfservice.texts import menu_line
from amends.platform.kit.errors import AmendsError, BadInput
from amends.platform.kit.formats import format_money, is_chinese

_MOST = 8


def answer_text(user: IdentifiedUser, text: str, *, key: str, now: datetime) -> str:
    """The answer; "" where the text has no keyword.

    Codes that answer a question about an order are taken too. A refusal is answered with its text.
    """
    answered = answer_by_text(user.subscriber, text, channel=user.channel, now=now)
    if answered is not None:
        return order_words(progress(answered.order, answered.outcome))
    keyword = read_keyword(text)
    if keyword is None:
        return ""
    try:
        return business_words(user, keyword, key=key, now=now)
    except AmendsError as why:
        what, _meaning, next_step = why.translated(_)
        return " ".join(filter(None, (what, next_step)))


def business_words(user: IdentifiedUser, keyword: Keyword, *, key: str, now: datetime) -> str:
    """Carry out a keyword; the text that shows the result."""
    match keyword.business:
        case "usage":
            return usage_words(usage_of(user, now=now))
        case "offers":
            return _offers_words(orderable(user, now=now))
        case "running":
            return _running_words(running(user, now=now))
        case "reminders":
            return _reminders_words(reminders_of(user, now=now))
        case "speed":
            return _("Test your line: %(link)s") % {"link": speed_test_link()}
        case "order":
            return order_words(order_offer(user, keyword.what, key=key, now=now))
        case "stop":
            return order_words(stop_service(user, _service(user, keyword.number, now), now=now))
        case "remind":
            return _reminder_words(
                set_reminder(user, _duty(user, keyword.number, now), keyword.wish, now=now)
            )


def _service(user: IdentifiedUser, number: int, now: datetime) -> str:
    listed = [active_service for active_service in running(user, now=now) if active_service.number]
    chosen = [active_service for active_service in listed if active_service.number == number]
    if not number and len(listed) == 1:
        chosen = listed
    if not chosen:
        raise BadInput(
            _("Which one? %(list)s") % {"list": _running_words(listed)}, code="service_unknown"
        )
    return chosen[0].service


def _duty(user: IdentifiedUser, number: int, now: datetime) -> str:
    duties = [
        reminder.duty for reminder in reminders_of(user, now=now) if reminder.number == number
    ]
    if not duties:
        raise BadInput(
            _("There is no such reminder to set."),
            next_step=_("Choose from the list of reminders."),
            code="reminder_unknown",
        )
    return duties[0]


def order_words(order_progress: OrderProgress) -> str:
    """An order as a text, with the next step."""
    name = _named(order_progress)
    if order_progress.state == "executed":
        return _("Done: %(name)s.") % {"name": name}
    if order_progress.outcome in ("wrong", "spent"):
        return _("This code is not the one we sent. Nothing was ordered.")
    if order_progress.state in ("refused", "cancelled", "lapsed"):
        return _("%(name)s is not ordered, and nothing is charged.") % {"name": name}
    if order_progress.state == "waiting":
        return _(
            "%(name)s, %(price)s: confirmation %(given)s of %(needed)s. We sent a code to your "
            "contact on record: answer with it; nothing is ordered or charged otherwise."
        ) % {
            "name": name,
            "price": format_money(order_progress.price_minor, order_progress.currency),
            "given": order_progress.confirmed + 1,
            "needed": order_progress.needed,
        }
    return _("%(name)s: your confirmation is stored; it is carried out on its day.") % {
        "name": name
    }


def usage_words(lines: Sequence[LineUse]) -> str:
    """The use of this month as a text."""
    if not lines:
        return _("No line runs under your name.")
    return " ".join(_line_words(line) for line in lines)


def _line_words(line: LineUse) -> str:
    charged = format_money(line.charged_minor, line.currency)
    parts = [_("charged this month: %(money)s") % {"money": charged}]
    if line.left_minor is not None:
        parts.append(
            _("balance: %(money)s") % {"money": format_money(line.left_minor, line.currency)}
        )
    parts += [used_words(use.counter, use.used, use.unit, line.currency) for use in line.counters]
    return f"{line.name}: " + "; ".join(parts) + "."


def used_words(counter: str, used: int, unit: str, currency: str) -> str:
    """The newest known use of a counter as a text: "data: at least 900 MB"."""
    amount = format_money(used, currency) if unit == "minor" else f"{used:,} {unit}"
    return _("%(counter)s: at least %(amount)s used") % {
        "counter": counter_name(counter, chinese=is_chinese(get_language() or "")),
        "amount": amount,
    }


def _offers_words(orderable_offers: Sequence[OrderableOffer]) -> str:
    if not orderable_offers:
        return _("There is nothing you can order here now.")
    listed = "; ".join(
        f"DG {orderable_offer.ref} {menu_line(orderable_offer)}"
        for orderable_offer in orderable_offers[:_MOST]
    )
    return _("To order: %(list)s") % {"list": listed}


def _running_words(active_services: Sequence[ActiveService]) -> str:
    if not active_services:
        return _("No service runs under your name.")
    return "; ".join(
        f"TD{active_service.number} {active_service.name}"
        if active_service.number
        else active_service.name
        for active_service in active_services[:_MOST]
    )


def _reminders_words(reminders: Sequence[ReminderSetting]) -> str:
    if not reminders:
        return _("There is no reminder you can set.")
    return "; ".join(_reminder_words(reminder) for reminder in reminders[:_MOST])


def _reminder_words(reminder: ReminderSetting) -> str:
    state = _("off") if reminder.declined else _("on")
    if reminder.own is not None and not reminder.declined:
        own = (
            format_money(reminder.own, reminder.currency)
            if reminder.own_unit == "minor"
            else f"{reminder.own:,}"
        )
        state = _("on, at %(own)s") % {"own": own}
    return f"TX{reminder.number} {reminder.title}: {state}"


def _named(order_progress: OrderProgress) -> str:
    return order_progress.name_zh if is_chinese(get_language() or "") else order_progress.name_en
