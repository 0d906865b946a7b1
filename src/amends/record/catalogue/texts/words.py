"""The key facts of an offer in sentences, in the language in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.platform.kit.formats import is_chinese
from amends.platform.kit.money import format_minor
from amends.record.catalogue.queries import price_minor
from amends.record.facts.offers.key_facts import KeyFacts


def chinese() -> bool:
    """Whether the language in force is Chinese."""
    return is_chinese(get_language() or "")


def name_of(facts: KeyFacts) -> str:
    """The name in the reader's language."""
    return (facts.name if chinese() else facts.name_en or facts.name) or facts.id


def either(zh: str, en: str) -> str:
    """The text in the reader's language; the other where that one is missing."""
    return (zh or en) if chinese() else (en or zh)


def money(amount: float | None, facts: KeyFacts) -> str:
    """An amount with its currency; "" for none."""
    if amount is None:
        return ""
    price_text = format_minor(price_minor(amount, facts.currency), facts.currency)
    return price_text.removesuffix(".00")


def per_period(amount: float | None, facts: KeyFacts) -> str:
    """A price with its period."""
    templates = {"month": _("%(price)s a month"), "year": _("%(price)s a year")}
    return templates.get(facts.period, _("%(price)s once")) % {"price": money(amount, facts)}


def number(value: float) -> str:
    """A figure without needless zeros.

    >>> number(30.0), number(0.5)
    ('30', '0.5')
    """
    return f"{value:,.10g}"


def sentences(lines: Iterable[str]) -> tuple[str, ...]:
    """Lines that begin with a capital."""
    return tuple(line[:1].upper() + line[1:] for line in lines)


def day(when: date | None) -> str:
    """A day as its reader writes it."""
    return date_format(when, "Y年n月j日" if chinese() else "j M Y") if when else ""


def price_lines(facts: KeyFacts) -> Iterator[str]:
    """The price with what follows a promotion, and every fee."""
    if facts.promo_price is not None and facts.promo_months:
        yield _("%(promo)s for the first %(months)s months, then %(price)s") % {
            "promo": per_period(facts.promo_price, facts),
            "months": number(facts.promo_months),
            "price": per_period(facts.price, facts),
        }
    else:
        yield per_period(facts.price, facts)
    if facts.one_time_fee:
        yield _("%(fee)s once at the start") % {"fee": money(facts.one_time_fee, facts)}
    for name, price in facts.single_prices():
        if price is not None:
            fields = {"part": name, "price": money(price, facts)}
            yield _("%(part)s alone: %(price)s a month") % fields


def service_lines(facts: KeyFacts) -> Iterator[str]:
    """What is included, and what happens after it."""
    if facts.data_gb is not None:
        yield _("%(data)s GB of data") % {"data": number(facts.data_gb)}
    if facts.throttle_after_gb is not None:
        yield _("after %(data)s GB the speed falls to %(speed)s Mbit/s") % {
            "data": number(facts.throttle_after_gb),
            "speed": number(facts.throttle_mbps or 0),
        }
    elif facts.data_cap_gb is not None:
        yield _("after %(data)s GB data stops") % {"data": number(facts.data_cap_gb)}
    if facts.voice_min is not None:
        yield _("%(minutes)s minutes of calls") % {"minutes": number(facts.voice_min)}
    if facts.messages is not None:
        yield _("%(messages)s text messages") % {"messages": number(facts.messages)}
    if facts.overage_per_gb is not None:
        fee = money(facts.overage_per_gb, facts)
        yield _("beyond it: %(fee)s a GB") % {"fee": fee}
    yield from speed_lines(facts)
    if facts.gift_cny:
        yield _("a gift of %(gift)s, paid over %(months)s months") % {
            "gift": money(facts.gift_cny, facts),
            "months": number(facts.gift_months or 1),
        }


def speed_lines(facts: KeyFacts) -> Iterator[str]:
    """Nominal and measured speed, with the number of tests and their interval."""
    if facts.down_nominal_mbps is not None:
        yield _("download up to %(speed)s Mbit/s") % {"speed": number(facts.down_nominal_mbps)}
    if facts.up_nominal_mbps is not None:
        yield _("upload up to %(speed)s Mbit/s") % {"speed": number(facts.up_nominal_mbps)}
    if facts.down_min_mbps is not None:
        yield _("at least %(speed)s Mbit/s") % {"speed": number(facts.down_min_mbps)}
    if facts.down_median_peak_mbps is None:
        return
    fields = {"speed": number(facts.down_median_peak_mbps)}
    if facts.measured_tests and facts.measured_low_mbps and facts.measured_high_mbps:
        fields |= {
            "tests": number(facts.measured_tests),
            "low": number(facts.measured_low_mbps),
            "high": number(facts.measured_high_mbps),
        }
        yield (
            _(
                "measured at peak time: %(speed)s Mbit/s"
                " (median of %(tests)s tests, %(low)s–%(high)s)"
            )
            % fields
        )
    else:
        yield _("measured at peak time: %(speed)s Mbit/s (median)") % fields


def term_lines(facts: KeyFacts) -> Iterator[str]:
    """Contract, exit fee, and what else must be taken."""
    if facts.contract_months:
        yield _("contract of %(months)s months") % {"months": number(facts.contract_months)}
    else:
        yield _("no fixed term")
    if facts.early_termination_fee:
        fee = money(facts.early_termination_fee, facts)
        yield _("%(fee)s for leaving before its end") % {"fee": fee}
    if facts.needs_other:
        yield _("only together with: %(others)s") % {"others": ", ".join(facts.bundle_required)}
    elif facts.sold_alone:
        yield _("can be had on its own")


def sale_lines(facts: KeyFacts) -> Iterator[str]:
    """When it is sold, to whom, where, and how many may have it."""
    if facts.sale_from:
        yield _("sold from %(day)s") % {"day": day(facts.sale_from)}
    if facts.sale_to:
        yield _("sold until %(day)s") % {"day": day(facts.sale_to)}
    if facts.quota is not None:
        yield _("%(places)s places, %(left)s left") % {
            "places": number(facts.quota),
            "left": number(facts.places_left or 0),
        }
    if facts.campus:
        yield _("for students on campus")
    if eligible := either(facts.eligible_zh, facts.eligible_en):
        yield eligible
    if facts.areas:
        yield _("areas: %(areas)s") % {"areas": ", ".join(facts.areas)}
