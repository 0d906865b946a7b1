"""The same matter said again joins; another matter of the same person does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from amends.cases.complaints.rules.joining import OpenComplaint, joins
from amends.platform.kit.texts import fingerprint as text_print

FIRST = datetime(2026, 5, 1, tzinfo=UTC)
RING = "账单上多了一个星音彩铃，每月10块，我没有开过"


def said_again(
    text: str,
    code: str,
    *,
    before: str = RING,
    was: str = "thirdparty.value_added",
    days: int = 3,
    services: tuple[str, str] = ("", ""),
) -> str:
    """Why `text` joins what was said `before`, or "new"; `services`: of before, and of now."""
    earlier = OpenComplaint("c-1", text_print(before), before, was, services[0], FIRST)
    _, why = joins(
        text=text,
        print_=text_print(text),
        code=code,
        service=services[1],
        received_at=FIRST + timedelta(days=days),
        open_complaints=[earlier],
    )
    return why


def test_one_charge_told_in_other_words_and_read_as_another_class_is_one_matter() -> None:
    assert said_again("退我星音彩铃的10元！", "billing.refund_credit") == "same_charge"


def test_two_sums_in_common_name_the_same_bargain() -> None:
    before = "海报上写49元一个月，装好以后收79元"
    again = "说好的49块变成79块，差价还给我"
    assert said_again(again, "billing.wrong_charge", before=before) == "same_charge"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("套餐外流量扣了我10元，没有提醒", id="the same price of another thing"),
        pytest.param("星音彩铃上个月扣了我25元", id="the same thing at another price"),
        pytest.param("我也不知道为什么又被扣钱", id="no sum at all"),
    ],
)
def test_another_charge_is_another_matter(other: str) -> None:
    assert said_again(other, "billing.wrong_charge") == "new"


def test_a_charge_does_not_draw_in_what_is_not_about_money() -> None:
    assert said_again("星音彩铃10元那个页面打不开，网速太慢", "network.speed") == "new"


def test_after_a_month_the_same_charge_is_a_matter_of_its_own() -> None:
    assert said_again("退我星音彩铃的10元！", "billing.refund_credit", days=31) == "new"


def test_a_masked_number_is_no_sum() -> None:
    before = "尾号139****1010的机主被扣了10元星音彩铃"
    assert said_again("我的号码139****1010没信号", "billing.wrong_charge", before=before) == "new"


NO_SIGNAL = "家里没有信号已经三天了，请派人来看"


@pytest.mark.parametrize(
    ("services", "same", "nearly"),
    [
        pytest.param(("svc-1", "svc-2"), "new", "new", id="another service"),
        pytest.param(("svc-1", "svc-1"), "exact", "near", id="the same service"),
        pytest.param(("", "svc-2"), "exact", "near", id="none was named before"),
        pytest.param(("svc-1", ""), "exact", "near", id="none is named now"),
    ],
)
def test_the_same_words_about_another_service_are_another_matter(
    services: tuple[str, str], same: str, nearly: str
) -> None:
    def why(words: str) -> str:
        code = "network.coverage"
        return said_again(words, code, before=NO_SIGNAL, was=code, services=services)

    assert why(NO_SIGNAL) == same
    assert why(f"{NO_SIGNAL}！谢谢") == nearly
