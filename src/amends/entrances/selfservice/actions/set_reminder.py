"""Change a reminder: on, off, or a mark of one's own."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop as _

from amends.causes.notices.actions.set_preference import set_preference_everywhere
from amends.causes.notices.queries import Choice
from amends.causes.notices.queries.preferences import OpenPreference, choice_about
from amends.entrances.selfservice.queries import IdentifiedUser, ReminderSetting, reminders_of
from amends.people.subscribers.queries import subscriber
from amends.platform.kit.errors import BadInput
from amends.platform.kit.money import Money

_LARGEST_MINOR = 10_000_000


def set_reminder(user: IdentifiedUser, duty: str, wish: str, *, now: datetime) -> ReminderSetting:
    """Set a reminder for all lines of the user.

    wish  `on`, `off` or an amount such as "50"; an amount also switches it on

    Raises `BadInput`, or `Refused` where the rule leaves no such choice.
    """
    person = subscriber(user.subscriber)
    preference = choice_about(person, duty, now=now) if person else None
    if preference is None:
        raise BadInput(
            _("There is no such reminder to set."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose from the list of reminders."),
            code="reminder_unknown",
        )
    own = preference.current.own_step if wish in ("on", "off") else _amount(preference, wish)
    set_preference_everywhere(
        preference.duty,
        subscriber=user.subscriber,
        wish=Choice(
            declined=wish == "off",
            own_step=own,
            channel=preference.current.channel,
            language=preference.current.language,
        ),
        chosen_on=user.channel,
        now=now,
    )
    return next(each for each in reminders_of(user, now=now) if each.duty == duty)


def _amount(preference: OpenPreference, wish: str) -> int:
    try:
        if not preference.own_unit:
            raise ValueError(wish)
        amount = (
            Money.parse(wish, preference.currency).minor
            if preference.own_unit == "minor"
            else int(wish)
        )
        if not 0 < amount <= _LARGEST_MINOR:
            raise ValueError(wish)
    except (ValueError, ArithmeticError) as error:
        raise BadInput(
            _("This reminder does not take that amount."),
            meaning=_("Nothing was changed."),
            next_step=_("Write an amount above zero, such as 50, or on or off."),
            code="reminder_unknown",
        ) from error
    return amount
