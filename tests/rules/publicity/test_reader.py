"""What the reader takes out of a text: roles and values, one way of saying a row."""

from __future__ import annotations

import pytest

from amends.causes.publicity.queries.rulebook import grammar
from amends.causes.publicity.rules.reader.reading import read

STATED = (
    # numbers in words, Chinese numerals, full width, Indian grouping, decimal comma
    ("uk", "twenty-eight pounds a month", {("price", 28)}),
    ("uk", "£8 a month for half a year, a hundred after that", {("price_after", 100)}),
    ("uk", "a two-year contract", {("contract_months", 24)}),
    ("cn", "月费五十九元，流量三十个G", {("price", 59), ("allowance", 30)}),
    ("cn", "５９元／月，３０ＧＢ流量", {("price", 59), ("allowance", 30)}),
    ("cn", "每月九十九，之后一百二", {("price", 99), ("price_after", 120)}),
    ("in", "first 1,00,000 customers", {("places", 100_000)}),
    ("in", "first 1 lakh customers", {("places", 100_000)}),
    ("eu", "29,99 € a month", {("price", 29.99)}),
    ("eu", "up to 1.000 Mbit/s", {("speed", 1000)}),
    # periods: two months, a quarter, a year
    ("cn", "每两个月118元", {("price", 118)}),
    ("uk", "£20 every two months", {("price", 20)}),
    ("cn", "包年六百元", {("price", 600)}),
    # ordinals of months
    ("uk", "£16 a month from month 13", {("price_after", 16), ("promo_months", 12)}),
    ("uk", "£39 from the seventh month", {("price_after", 39), ("promo_months", 6)}),
    ("us", "$55/mo in year one and $75/mo from year two", {("price", 55), ("price_after", 75)}),
    ("cn", "第13个月起129元/月", {("price_after", 129), ("promo_months", 12)}),
    ("cn", "首年99元/月，次年129元/月", {("promo_months", 12), ("price_after", 129)}),
    ("cn", "第1至6个月每月69元", {("promo_months", 6), ("price", 69)}),
    # dates in the manner of each country
    ("uk", "ends 05/12/2026", {("end", 20261205)}),
    ("us", "ends 12/05/2026", {("end", 20261205)}),
    ("us", "until 12/31", {("end", 1231)}),
    ("in", "till 05-12-2026", {("end", 20261205)}),
    ("eu", "until 31.12.2026", {("end", 20261231)}),
    ("cn", "活动时间2026.11.1-2026.12.31", {("start", 20261101), ("end", 20261231)}),
    ("cn", "12.31截止", {("end", 1231)}),
    ("uk", "from 1 to 15 December 2026", {("start", 20261201), ("end", 20261215)}),
    # spoken style
    ("cn", "签两年，中途不用了要付四百", {("contract_months", 24), ("exit_fee", 400)}),
    ("cn", "提前拆机240", {("exit_fee", 240)}),
    ("uk", "it's £30 to get out early", {("exit_fee", 30)}),
    # M, 兆 and 千兆 beside a line; data beside data words
    ("cn", "宽带最高300M", {("speed", 300)}),
    ("cn", "下载最高500兆", {("speed", 500)}),
    ("cn", "最高千兆", {("speed", 1000)}),
    ("cn", "500M流量", {("allowance", 0.5)}),
    ("us", "up to 1 Gbps", {("speed", 1000)}),
    ("uk", "12m contract", {("contract_months", 12)}),
    # a reduced speed is a throttle
    ("uk", "after 50GB your speed drops to 2Mbps", {("threshold", 50), ("reduced_speed", 2)}),
    ("us", "50GB at full speed, then 600 kbps", {("threshold", 50), ("reduced_speed", 0.6)}),
    ("cn", "用满40GB后限速至1Mbps", {("threshold", 40), ("reduced_speed", 1)}),
    # gifts and their spread
    ("uk", "£120 credit over 6 months", {("gift", 120), ("gift_months", 6)}),
    ("uk", "£120 voucher in 12 monthly instalments", {("gift", 120), ("gift_months", 12)}),
    ("cn", "送300元话费，分12个月返还", {("gift", 300), ("gift_months", 12)}),
    # words without numbers
    ("cn", "流量无上限", {("unlimited", 0)}),
    ("cn", "永不限速", {("never_slow", 0)}),
    ("uk", "unlimited minutes", {("minutes_unlimited", 0)}),
    ("us", "unlimited talk, text and data", {("unlimited", 0)}),
    ("uk", "£8 a month for life", {("forever", 0)}),
    ("uk", "no contract, no exit fee", {("contract_none", 0), ("exit_none", 0)}),
)

NOT_STATED = (
    # shop hours, hotlines, addresses
    ("cn", "营业时间9:00-18:00，客服热线10099，地址：人民路88号"),
    ("uk", "Open 9am to 5.30pm, 12 High Street, call 0800 123 4567"),
    # storage, discounts on other goods, video, texts, daily and roaming data, other products
    ("cn", "适用256GB内存手机"),
    ("uk", "phones with 128GB storage"),
    ("uk", "save £5 on accessories"),
    ("us", "video streams at 1.5Mbps"),
    ("uk", "unlimited texts"),
    ("in", "1.5GB/day"),
    ("uk", "5GB of roaming data"),
    ("cn", "套餐外流量5元/GB"),
    ("uk", "10p per MB"),
    ("uk", "£14 to £30"),
    ("cn", "128元、168元、198元"),
    ("uk", "ready in 10 minutes"),
    ("uk", "rated 4.8/5 by 12,400 customers"),
    ("cn", "每人限办2张"),
)
ROLES_OF_NO_FACT = {"other", "money", "months", "date"}


@pytest.mark.parametrize(("pack", "text", "stated"), STATED)
def test_a_way_of_saying_is_read(pack: str, text: str, stated: set[tuple[str, float]]) -> None:
    found = {(one.role, one.value) for one in read(text, grammar(), pack).statements}
    assert stated <= {(role, round(value, 4)) for role, value in found}


@pytest.mark.parametrize(("pack", "text"), NOT_STATED)
def test_what_is_no_fact_of_an_offer_is_not_read_as_one(pack: str, text: str) -> None:
    found = read(text, grammar(), pack).statements
    assert [one for one in found if one.role not in ROLES_OF_NO_FACT and one.value] == []


def test_a_period_divides_a_price() -> None:
    (price,) = read("每两个月118元", grammar(), "cn").of("price")
    assert price.period == 2


def test_places_are_those_of_the_text_as_published() -> None:
    text = "<b>月费</b>４９元"
    (price,) = read(text, grammar(), "cn").of("price")
    assert text[price.start : price.end] == "４９元"
