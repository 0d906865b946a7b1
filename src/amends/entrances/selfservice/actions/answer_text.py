"""Carry out a keyword and answer with a text: for the chat and text messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.causes.confirmations.actions.answer import answer_by_text
from amends.causes.notices.queries.duty_words import counter_words as counter_name
from amends.entrances.selfservice.actions.order import OrderProgress, order_offer, progress
from amends.entrances.selfservice.actions.set_reminder import UnableToSetReminder, set_reminder
from amends.entrances.selfservice.actions.stop import UnableToStop, stop_service
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
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.formats import format_money, is_chinese

_MOST = 8


def answer_text(user: IdentifiedUser, text: str, *, key: str, now: datetime) -> str:
    """The answer; "" where the text has no keyword.

    Codes that answer a question about an order are taken too. A refusal is answered with its text.
    """
    answered = answer_by_text(user.subscriber, text, channel=user.channel, now=now)
    if answered is not None:
        return order_words(progress(answered.order, answered.outcome))
    asked = read_keyword(text)
    if asked is None:
        return ""
    try:
        return business_words(user, asked, key=key, now=now)
    except AmendsError as why:
        what, _meaning, next_step = why.translated(_)
        return " ".join(filter(None, (what, next_step)))


def business_words(user: IdentifiedUser, asked: Keyword, *, key: str, now: datetime) -> str:
    """Carry out a keyword; the text that shows the result."""
    match asked.business:
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
            return order_words(order_offer(user, asked.what, key=key, now=now))
        case "stop":
            return order_words(stop_service(user, _service(user, asked.number, now), now=now))
        case "remind":
            return _reminder_words(
                set_reminder(user, _duty(user, asked.number, now), asked.wish, now=now)
            )


def _service(user: IdentifiedUser, number: int, now: datetime) -> str:
    listed = [one for one in running(user, now=now) if one.number]
    chosen = [one for one in listed if one.number == number]
    if not number and len(listed) == 1:
        chosen = listed
    if not chosen:
        raise UnableToStop(_("Which one? %(list)s") % {"list": _running_words(listed)})
    return chosen[0].service


def _duty(user: IdentifiedUser, number: int, now: datetime) -> str:
    found = [reminder.duty for reminder in reminders_of(user, now=now) if reminder.number == number]
    if not found:
        raise UnableToSetReminder(
            _("There is no such reminder to set."),
            next_step=_("Choose from the list of reminders."),
        )
    return found[0]


def order_words(done: OrderProgress) -> str:
    """An order as a text, with the next step."""
    name = _named(done)
    if done.state == "executed":
        return _("Done: %(name)s.") % {"name": name}
    if done.outcome in ("wrong", "spent"):
        return _("This code is not the one we sent. Nothing was ordered.")
    if done.state in ("refused", "cancelled", "lapsed"):
        return _("%(name)s is not ordered, and nothing is charged.") % {"name": name}
    if done.state == "waiting":
        return _(
            "%(name)s, %(price)s: confirmation %(given)s of %(needed)s. We sent a code to your "
            "contact on record: answer with it; nothing is ordered or charged otherwise."
        ) % {
            "name": name,
            "price": format_money(done.price_minor, done.currency),
            "given": done.confirmed + 1,
            "needed": done.needed,
        }
    return _("%(name)s: your confirmation is stored; it is carried out on its day.") % {
        "name": name
    }


def usage_words(lines: Sequence[LineUse]) -> str:
    """The use of this month as a text."""
    if not lines:
        return _("No line runs under your name.")
    return " ".join(_line_words(line) for line in lines)


def _line_words(one: LineUse) -> str:
    charged = format_money(one.charged_minor, one.currency)
    said = [_("charged this month: %(money)s") % {"money": charged}]
    if one.left_minor is not None:
        said.append(_("balance: %(money)s") % {"money": format_money(one.left_minor, one.currency)})
    said += [used_words(use.counter, use.used, use.unit, one.currency) for use in one.counters]
    return f"{one.name}: " + "; ".join(said) + "."


def used_words(counter: str, used: int, unit: str, currency: str) -> str:
    """The newest known use of a counter as a text: "data: at least 900 MB"."""
    amount = format_money(used, currency) if unit == "minor" else f"{used:,} {unit}"
    return _("%(counter)s: at least %(amount)s used") % {
        "counter": counter_name(counter, chinese=is_chinese(get_language() or "")),
        "amount": amount,
    }


def _offers_words(found: Sequence[OrderableOffer]) -> str:
    if not found:
        return _("There is nothing you can order here now.")
    listed = "; ".join(f"DG {one.ref} {one.words}" for one in found[:_MOST])
    return _("To order: %(list)s") % {"list": listed}


def _running_words(found: Sequence[ActiveService]) -> str:
    if not found:
        return _("No service runs under your name.")
    return "; ".join(
        f"TD{one.number} {one.name}" if one.number else one.name for one in found[:_MOST]
    )


def _reminders_words(found: Sequence[ReminderSetting]) -> str:
    if not found:
        return _("There is no reminder you can set.")
    return "; ".join(_reminder_words(one) for one in found[:_MOST])


def _reminder_words(one: ReminderSetting) -> str:
    state = _("off") if one.declined else _("on")
    if one.own is not None and not one.declined:
        own = format_money(one.own, one.currency) if one.own_unit == "minor" else f"{one.own:,}"
        state = _("on, at %(own)s") % {"own": own}
    return f"TX{one.number} {one.title}: {state}"


def _named(done: OrderProgress) -> str:
    return done.name_zh if is_chinese(get_language() or "") else done.name_en
