"""What messages are: labels and kinds, whatever hides the words; links by their host."""

from __future__ import annotations

import time
from datetime import date

import pytest

from amends.causes.protection.rules.messages import judge_message, judge_messages
from amends.engines.classification.links import HostKind, hosts_on, kind_of, links_in
from amends.engines.classification.normalise import normalise

HOSTS = hosts_on(date(2026, 12, 1))


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("legitimate", "【建设银行】您尾号4455的账户11月3日支出2000元，余额8231.55元。"),
        ("legitimate", "验证码338201，5分钟内有效，请勿告诉他人。"),
        ("legitimate", "刚下飞机，晚点打给你"),
        ("legitimate", "Running 10 min late, order me a coffee pls"),
        ("legitimate", "DPD: Your parcel will be delivered today 11:20-12:20. No need to sign."),
        ("bulk", "【招商银行】刷卡满5笔抽行李箱，详见掌上生活。回TD退订"),
        ("bulk", "Boots: Triple points this weekend. Shop in store or online. Text STOP to 60011"),
        ("spam", "代开餐饮住宿建材发票，税点低可验证，电话13700001234"),
        ("spam", "Get the hottest ringtones now! Text TONE to 84199. £3/week. 18+"),
        ("fraud", "【ETC】您的ETC卡签已失效，请点击 etc-kt.cc/a1 重新认证以免影响通行"),
        ("fraud", "HSBC: a new payee was added. If this was NOT you visit hsbc-secure-payee.com"),
    ],
)
def test_labels(label: str, text: str) -> None:
    assert judge_message(text, hosts=HOSTS).label == label


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("gambling", "澳门新葡京，注册就送88元，首充翻倍，提款秒到 xpj8866.com"),
        ("loan", "不看征信，凭身份证当天放款最高20万，加微信 dk5566"),
        ("part_time_job", "招兼职刷单员，手机操作，一单一结，日赚300元，联系QQ 776655443"),
        ("prize", "Congratulations! You have won a £1000 prize. To claim call 09061701461."),
        ("phishing_link", "Royal Mail: your parcel is held. Pay the fee at royalmail-fee.top/x"),
        (
            "impersonation",
            "Hi mum, my phone broke, this is my new number. Can you pay a bill for me?",
        ),
    ],
)
def test_kinds_of_fraud(kind: str, text: str) -> None:
    found = judge_message(text, hosts=HOSTS)
    assert (found.label, found.kind) == ("fraud", kind)


@pytest.mark.parametrize(
    "hidden",
    [
        "代\u200b开\u200b发\u200b票，税点低，加\u200b微信abc8877",
        "代 开 发*票，税-点-低，加薇信abc8877",
        "代开發票，稅点低，加Ｖ❤ａｂｃ８８７７",
    ],
)
def test_hidden_words_are_read(hidden: str) -> None:
    found = judge_message(hidden, hosts=HOSTS)
    assert found.score > 0.5


def test_what_was_undone_is_stated() -> None:
    assert "invisible" in normalise("f\u200br\u200be\u200be", hosts=HOSTS).hidden
    assert "lookalike" in normalise("log in to раyраl now", hosts=HOSTS).hidden
    assert "paypal" in normalise("log in to раyраl now", hosts=HOSTS).text
    assert "13800138000" not in normalise("一三八零零一三八零零零", hosts=HOSTS).text
    assert "zzmobile" in normalise("一三八零零一三八零零零", hosts=HOSTS).text


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("www.icbc.com.cn", HostKind.OFFICIAL),
        ("icbc-verify.com", HostKind.LOOKALIKE),
        ("paypa1.com", HostKind.LOOKALIKE),
        ("xn--pypl-53dc.com", HostKind.PUNYCODE),
        ("раураl.com", HostKind.PUNYCODE),
        ("bit.ly", HostKind.SHORTENED),
        ("10.0.0.1", HostKind.ADDRESS),
        ("sub.vasclick.com", HostKind.SUBSCRIPTION),
        ("x99.top", HostKind.ODD),
        ("corner-bakery.com", HostKind.PLAIN),
    ],
)
def test_hosts(host: str, kind: HostKind) -> None:
    assert kind_of(host, hosts=HOSTS) == kind


def test_words_joined_by_a_dot_are_no_links() -> None:
    assert links_in("ok.so see u.lol at 5.30", hosts=HOSTS) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u200b" * 5_000,
        "🎉" * 5_000,
        "a." * 500_000,
        "1 " * 500_000,
        "a-" * 2_000,
        "%s" * 99,
    ],
)
def test_odd_messages_are_judged_in_a_moment(text: str) -> None:
    began = time.perf_counter()
    found = judge_message(text, hosts=HOSTS)
    assert 0 <= found.score <= 1
    assert time.perf_counter() - began < 1.0


def test_many_are_judged_as_one_by_one() -> None:
    texts = ["代开发票，电话13700001234", "Dinner at 8?", "注册送88元 xpj8866.com"]
    together = list(judge_messages(texts, hosts=HOSTS))
    alone = [judge_message(text, hosts=HOSTS) for text in texts]
    assert [one.label for one in together] == [one.label for one in alone]
    assert [one.score for one in together] == pytest.approx([one.score for one in alone], abs=1e-3)
