"""What an advert states: the words between the reader and the comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal[
    "price",
    "price_after",
    "exit_fee",
    "fee",
    "gift",
    "discount",
    "allowance",
    "threshold",
    "speed",
    "median_speed",
    "reduced_speed",
    "minutes",
    "promo_months",
    "contract_months",
    "gift_months",
    "months",
    "places",
    "start",
    "end",
    "date",
    "unlimited",
    "minutes_unlimited",
    "contract_none",
    "exit_none",
    "never_slow",
    "forever",
    "now",
    "scarce",
    "gift_named",
    "free_months",
    "price_rise",
    "money",
    "other",
]
"""`money`, `months` and `date` are numbers whose role the words do not decide; `other` is a number
that is no fact of an offer (a device, a discount on something else, another product)."""

Certainty = Literal["certain", "likely", "unsure"]


@dataclass(frozen=True, slots=True)
class AdvertStatement:
    """One statement of an advert.

    value     money in whole units of `currency`, a price by the month where `period` is known; GB,
              Mbit/s, minutes, months, places; a discount as the share that is paid; a date as
              year × 10,000 + month × 100 + day, the year 0 where it is not said
    period    of a price: the months it pays for, 0 where the words do not say, -1 for days or weeks
    start     of its words in the text, to `end`
    certainty `certain` may block; `likely` blocks where nothing else in the text is as likely;
              `unsure` goes to a person
    up_to     of a speed: whether the words call it a maximum
    otherwise of a price in words: its second reading (4.99 or 499), 0 for none
    in_words  of a speed: whether a word of the product says it, as 千兆 or gigabit

    Which offer it belongs to is decided beside the records (`comparison.owners`).
    """

    role: Role
    value: float
    start: int
    end: int
    certainty: Certainty = "certain"
    currency: str = ""
    period: float = 0
    up_to: bool = False
    in_words: bool = False
    otherwise: float = 0
