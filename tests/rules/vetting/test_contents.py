"""What is read of contents, what is undone to read them, and how they are judged."""

from __future__ import annotations

import time
from datetime import date

import pytest

from amends.causes.vetting.rules.contents import LABELS, judge_content, judge_contents
from amends.causes.vetting.rules.spellings import respell
from amends.causes.vetting.rules.visible_text import visible_text
from amends.engines.classification.links import hosts_on

HOSTS = hosts_on(date(2026, 12, 1))

HARMFUL = {
    "gambling": (
        "新人进群送18🧧，大小单双随便玩，上下分秒到，老板加薇❤ hq5588",
        "🎰 c.a.s.1.n.o 200% match, spins on us, cash out in crypto same day, no KYC, DM me",
    ),
    "fraud": (
        "兼职刷单，一单五元，先垫付本金，做满三单本金佣金一起返，加微信 ab1234",
        "Receive payments for our clients into your bank account and keep 8%, no questions, DM me",
    ),
    "adult": ("学生妹上门，全套服务包夜，看照片安排，扣裙 662190",),
    "drugs_weapons": (
        "曲马多现货，不用处方，保密发货，一盒三百，加微信 yy0099",
        "Xanax no script, stealth shipping in plain envelope, menu on request",
    ),
    "loan_shark": (
        "借三千到手两千一，七天后还三千，通讯录授权即可，逾期联系你通讯录所有人，加微信",
    ),
    "hidden_charge": (
        "点击继续即视为同意开通会员，每月自动扣费，费用从话费中扣除，资费以账单为准",
        "By continuing you agree to recurring charges billed via your phone bill, rates vary",
    ),
}
HARMLESS = (
    "警方通报：捣毁一个网络赌博窝点，抓获嫌疑人二十名，涉案流水达三亿元，案件正在进一步侦办。",
    "曲马多说明书：处方药，须在医生指导下使用，长期使用可产生依赖，孕妇禁用。",
    "斗地主单机版：金豆每天免费领取，不能兑换，不可提现，供娱乐。",
    "会员每月18元，续费前短信提醒，可随时在设置中关闭，需再次输入验证码确认后开通。",
    "Personal loan: representative 7.9% APR, total repayable £3,350, settle early any time.",
    "Beware: texts promising daily returns are scams. Never share a code, hang up, report to 7726.",
    "Kitchen knives, stainless, £64. We check age on delivery.",
)


@pytest.mark.parametrize(
    ("label", "text"), [(label, text) for label, texts in HARMFUL.items() for text in texts]
)
def test_harm_is_found_with_its_kind_and_passages(label: str, text: str) -> None:
    found = judge_content(text, hosts=HOSTS)
    assert found.label == label
    assert found.score > 0.5
    assert found.passages


@pytest.mark.parametrize("text", HARMLESS)
def test_reports_warnings_and_plain_terms_are_clean(text: str) -> None:
    assert judge_content(text, hosts=HOSTS).label == "clean"


def test_a_page_is_read_as_seen_with_its_small_print() -> None:
    page = (
        "<html><head><style>p{}</style><script>var bet='casino'</script></head><body>"
        "<h1>免费领30G流量</h1><input type=checkbox checked> 同意<button>立即领取</button>"
        "<div style='font-size:8px;color:#eee'>领取即订购，次月起从话费扣除</div></body></html>"
    )
    text = visible_text(page)
    assert "casino" not in text
    assert "☑ 同意" in text
    assert "zzsmallprint 领取即订购" in text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("扣裙 12", "QQ群 12"),
        ("菠菜平台", "博彩平台"),
        ("菠菜猪肝汤", "菠菜猪肝汤"),
        ("p0ker and w33d", "poker and weed"),
        ("version 10.5", "version 10.5"),
        ("賭錢", "赌钱"),
    ],
)
def test_hidden_spellings_are_undone_and_others_left(written: str, meant: str) -> None:
    assert respell(written) == meant


def test_harm_deep_in_a_long_page_decides() -> None:
    page = "本站介绍各地风景和美食，欢迎留言。" * 300
    page += HARMFUL["gambling"][0] + "天气晴朗，适合出游。" * 100
    found = judge_content(page, hosts=HOSTS)
    assert found.label == "gambling"
    assert "上下分" in found.part


@pytest.mark.parametrize("text", ["", "   ", "<script>x</script>", "\x00\x00", "🎲", "\ud800 odd"])
def test_what_says_nothing_is_clean(text: str) -> None:
    assert judge_content(text, hosts=HOSTS).label == "clean"


def test_a_megabyte_of_anything_is_judged_in_a_moment() -> None:
    texts = ["<" * 1_000_000, "a.b." * 250_000, "<div class='x'>" * 70_000, "赌 " * 500_000]
    began = time.process_time()
    found = list(judge_contents(texts, hosts=HOSTS, explain=False))
    assert len(found) == len(texts)
    assert {one.label for one in found} <= set(LABELS)
    assert time.process_time() - began < 20
