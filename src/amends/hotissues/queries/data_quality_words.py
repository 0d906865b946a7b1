"""Why counts call for a second look, in the reader's language: what was found, how it counts, and
what to do."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext_lazy

from amends.hotissues.models import Doubt
from amends.hotissues.queries.names import place_words
from amends.kit.formats import format_count, format_date

SAYS: dict[str, Promise] = {
    "moved": gettext_lazy(
        "%(place)s: %(shown)s persons more than expected, and what stands beside it lost as many. "
        "A class or an area was drawn anew, or complaints are sorted otherwise: no issue is "
        "opened. If nothing of the kind was done, look at them."
    ),
    "silent_days": ngettext_lazy(
        "%(shown)s day, %(first)s, holds no complaint where there are always many: it is taken for "
        "not received, not for zero. See whether a channel stood still, and bring in what it "
        "holds.",
        "%(shown)s days, the first %(first)s, hold no complaint where there are always many: they "
        "are taken for not received, not for zero. See whether a channel stood still, and bring in "
        "what it holds.",
        "n",
    ),
    "clock_later": ngettext_lazy(
        "The times of the newest week lie %(shown)s hour later than before: a clock or a zone was "
        "changed. What is found by the hour is doubtful until it is known which; days are not.",
        "The times of the newest week lie %(shown)s hours later than before: a clock or a zone was "
        "changed. What is found by the hour is doubtful until it is known which; days are not.",
        "n",
    ),
    "clock_earlier": ngettext_lazy(
        "The times of the newest week lie %(shown)s hour earlier than before: a clock or a zone "
        "was changed. What is found by the hour is doubtful until it is known which; days are not.",
        "The times of the newest week lie %(shown)s hours earlier than before: a clock or a zone "
        "was changed. What is found by the hour is doubtful until it is known which; days are not.",
        "n",
    ),
    "one_sender": gettext_lazy(
        "%(shown)s complaints say nearly the same within a minute, most of them on %(at)s: "
        "suspected to be one sender's. They are counted, and marked in their issue; look before "
        "you act."
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


def doubt_words(one: Doubt) -> str:
    """The sentence of a doubt."""
    language, numbers = get_language() or "en", one.numbers
    said: dict[str, object] = {
        **numbers,
        "shown": format_count(int(numbers["n"]), language),
        "place": place_words(one.place),
    }
    for name in ("first", "last"):
        if name in numbers:
            said[name] = format_date(date.fromisoformat(numbers[name]), language)
    if "at" in numbers:
        at = datetime.fromisoformat(numbers["at"])
        said["at"] = f"{format_date(at.date(), language)} {at:%H:%M}"
    kind = one.kind
    if kind == "clock":
        kind = "clock_later" if numbers["later"] else "clock_earlier"
    return str(SAYS[kind] % said)
