"""Why counts call for a second look, in the reader's language: what was found, how it counts, and
what to do."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext_lazy

from amends.platform.kit.formats import format_count, format_date
from amends.problems.hotissues.models import Doubt
from amends.problems.hotissues.texts.names import place_words

SAYS: dict[str, Promise] = {
    "moved": gettext_lazy(
        "%(place)s: %(shown)s people more than expected, while related segments lost as many. A "
        "class or area was redefined, or complaints are classified differently: no issue is "
        "opened. If no such change was made, check these complaints."
    ),
    "silent_days": ngettext_lazy(
        "%(shown)s day, %(first)s, has no complaints although there are usually many: it is "
        "treated as missing data, not as zero. Check whether a channel was down, and import its "
        "complaints.",
        "%(shown)s days, the first %(first)s, have no complaints although there are usually "
        "many: they are treated as missing data, not as zero. Check whether a channel was down, "
        "and import its complaints.",
        "n",
    ),
    "clock_later": ngettext_lazy(
        "In the latest week, activity is %(shown)s hour later than before: a clock or time zone "
        "was changed. Hourly alarms are unreliable until this is explained; daily ones are not "
        "affected.",
        "In the latest week, activity is %(shown)s hours later than before: a clock or time "
        "zone was changed. Hourly alarms are unreliable until this is explained; daily ones are "
        "not affected.",
        "n",
    ),
    "clock_earlier": ngettext_lazy(
        "In the latest week, activity is %(shown)s hour earlier than before: a clock or time "
        "zone was changed. Hourly alarms are unreliable until this is explained; daily ones are "
        "not affected.",
        "In the latest week, activity is %(shown)s hours earlier than before: a clock or time "
        "zone was changed. Hourly alarms are unreliable until this is explained; daily ones are "
        "not affected.",
        "n",
    ),
    "one_sender": gettext_lazy(
        "%(shown)s complaints within a minute have nearly the same text, most of them on "
        "%(at)s: probably from one sender. They are counted, and marked in their issue; check "
        "them before you act."
    ),
    "one_person": ngettext_lazy(
        "%(shown)s complaints of the last five weeks are of one person: here that is one, in the "
        "complaint rate each counts.",
        "%(shown)s complaints of the last five weeks are of %(persons)s persons: here they are so "
        "many, in the complaint rate each complaint counts.",
        "persons",
    ),
    "history": ngettext_lazy(
        "%(shown)s complaint of %(first)s was brought in as history, of a day on which complaints "
        "were received here: it is in no curve and raises no alarm. What is new is brought in with "
        "--live.",
        "%(shown)s complaints of %(first)s to %(last)s were brought in as history, of days on "
        "which complaints were received here: they are in no curve and raise no alarm. What is new "
        "is brought in with --live.",
        "n",
    ),
}


def doubt_words(doubt: Doubt) -> str:
    """The sentence of a doubt."""
    language, numbers = get_language() or "en", doubt.numbers
    fields: dict[str, object] = {
        **numbers,
        "shown": format_count(int(numbers["n"]), language),
        "place": place_words(doubt.place),
    }
    for name in ("first", "last"):
        if name in numbers:
            fields[name] = format_date(date.fromisoformat(numbers[name]), language)
    if "at" in numbers:
        at = datetime.fromisoformat(numbers["at"])
        fields["at"] = f"{format_date(at.date(), language)} {at:%H:%M}"
    kind = doubt.kind
    if kind == "clock":
        kind = "clock_later" if numbers["later"] else "clock_earlier"
    return str(SAYS[kind] % fields)
