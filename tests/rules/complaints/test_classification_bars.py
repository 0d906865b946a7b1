"""The shipped classifier: as good as it must be, and it can say why."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from amends.cases.complaints.rules.enquiries import is_enquiry
from amends.engines.classification.classify import FOREIGN_FROM, classify, classify_columns

HERE = Path(__file__).parent
OTHER_KINDS = HERE.parents[1] / "strangers/texts_strangers.csv"
SELF_SERVICE = "service.self_service"


def right_share(rows: list[dict[str, str]]) -> float:
    """Share of texts whose first code equals either label."""
    answers = classify([row["text"] for row in rows])
    right = [
        answer.code in {row["label"], row["label2"]}
        for answer, row in zip(answers, rows, strict=True)
    ]
    return sum(right) / len(right)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_texts_by_a_stranger_are_understood() -> None:
    rows = read(HERE / "texts_by_strangers.csv")
    chinese = [row for row in rows if row["lang"] == "zh"]
    assert len(chinese) >= 150
    assert len({row["label"] for row in chinese}) == 22
    assert right_share(chinese) >= 0.85
    assert right_share([row for row in rows if row["lang"] == "en"]) >= 0.75


@pytest.mark.shared
def test_labelled_titles_are_understood(shared: Path) -> None:
    folder = shared / "data/comcast_titles"
    rows = read(folder / "labels_dev.csv") + read(folder / "labels_dev_enriched.csv")
    assert len(rows) == 223
    assert right_share(rows) >= 0.75


def test_the_words_that_decided_stand_in_the_text() -> None:
    text = "每月都扣我十块钱，说是彩铃费，我从来没有订过"
    answer = classify([text])[0]
    assert answer.language == "zh"
    assert answer.cues
    assert all(word in text for word in answer.cues)


def test_columns_and_single_answers_agree() -> None:
    texts = [row["text"] for row in read(HERE / "texts_by_strangers.csv")[:60]]
    columns, single = classify_columns(texts), classify(texts)
    assert columns.names() == [answer.code for answer in single]
    assert columns.second_names() == [answer.code2 for answer in single]


def test_texts_of_other_kinds_are_as_sure_as_they_say() -> None:
    """Reviews, tweets, chats, calls and messages, labelled by a stranger; never trained on."""
    rows = read(OTHER_KINDS)
    columns = classify_columns([row["text"] for row in rows])
    labels = [(row["codes"] or "other.unspecific").split(";") for row in rows]
    right = np.array([name in some for name, some in zip(columns.names(), labels, strict=True)])
    assert right.mean() >= 0.78
    confident = columns.confidence >= 0.8
    assert confident.sum() >= 150
    assert -0.06 <= columns.confidence[confident].mean() - right[confident].mean() <= 0.04
    own = np.array([some[0] == SELF_SERVICE for some in labels])
    assert right[own].mean() >= 0.7


def test_another_subject_is_said_and_seldom_wrongly() -> None:
    rows = read(OTHER_KINDS)
    columns = classify_columns([row["text"] for row in rows])
    foreign = columns.foreign_share >= FOREIGN_FROM
    telecom = np.array([row["telecom"] == "1" for row in rows])
    assert foreign[~telecom].mean() >= 0.35
    assert foreign[telecom].mean() <= 0.03
    answer = classify(["The pizza arrived cold and the driver threw it at the door"])[0]
    assert (answer.code, answer.ask) == ("other.unspecific", True)
    assert answer.foreign_share >= FOREIGN_FROM


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The app crashes as soon as I open it, I cannot see my bill", SELF_SERVICE),
        ("手机营业厅登不上去，密码重置了也没用", SELF_SERVICE),
        ("My number was suspended on suspicion of fraud and I did nothing", "consent.cancel_stop"),
        ("号码被停机了，说涉嫌诈骗，我什么都没干", "consent.cancel_stop"),
        ("My account was hacked, somebody changed the password", "privacy.data_misuse"),
    ],
)
def test_neighbours_of_the_operators_own_app(text: str, code: str) -> None:
    assert classify([text])[0].code == code


@pytest.mark.parametrize("text", ["投诉热线是多少？", "What is the number for complaints?"])
def test_who_asks_for_the_complaint_hotline_enquires(text: str) -> None:
    assert is_enquiry(text, share=classify([text])[0].enquiry_share)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("You scammers disconnected my phone and I demand compensation", "consent.cancel_stop"),
        ("My SIM got blocked because of alleged fraud. Compensate me.", "consent.cancel_stop"),
        ("手机号莫名其妙被停机说我诈骗，误工费谁赔", "consent.cancel_stop"),
        (
            "We've had no internet since Friday and I want compensation, this is fraud",
            "network.outage",
        ),
        ("断网五天了，要求赔偿损失，简直诈骗", "network.outage"),
        ("家里没网三天，退我这三天的费", "network.outage"),
    ],
)
def test_what_was_cut_off_counts_before_compensation_and_fraud(text: str, code: str) -> None:
    assert classify([text])[0].code == code


@pytest.mark.parametrize(
    "text",
    [
        "I never ordered the antivirus you bill me for. Refund my 40 dollars!",
        "Did not ask for this upgrade, want my money back now",
        "从来没办过彩铃，扣了我半年的钱，必须退",
        "没经过我同意开的会员，把钱退我，骗子",
    ],
)
def test_who_never_ordered_is_about_consent_and_not_the_refund(text: str) -> None:
    assert classify([text])[0].code == "consent.unauthorised_change"


@pytest.mark.parametrize(
    "text",
    [
        "Big thanks to Maria at the shop who sorted my phone out in five minutes!",
        "Fibre deal of the week: 1 gig for 25 a month, order online before Sunday",
        "We will be upgrading the masts in Leeds on Tuesday night; service may be interrupted.",
        "Absolutely love this network, signal everywhere, never let me down",
        "感谢营业厅小王帮我妈弄好了手机，服务真好",
        "千兆宽带年付立减三百，限时一周，欢迎来电咨询",
        "公告：本周三凌晨网络割接，期间可能短暂中断，敬请谅解",
    ],
)
def test_praise_adverts_and_announcements_are_no_complaint(text: str) -> None:
    answer = classify([text])[0]
    assert (answer.code, answer.ask) == ("other.unspecific", True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "Agent: hello, want our refund offer? Customer: no, my internet keeps dropping. "
            "Agent: I can credit you.",
            "network.outage",
        ),
        (
            "客服：您好，给您赠送话费好吗？用户：不要，我的宽带老掉线。客服：给您补偿。",
            "network.outage",
        ),
        ("用户反映家里网速很慢。处理结果：已为用户退费并取消套餐。", "network.speed"),
    ],
)
def test_a_transcript_is_read_by_what_the_customer_says(text: str, code: str) -> None:
    answer = classify([text])[0]
    assert answer.code == code
    assert all(words in text for words in answer.cues)


@pytest.mark.parametrize(
    "text",
    [
        "Je n'ai plus de connexion depuis une semaine et personne ne répond",
        "Мне дважды списали деньги за интернет",
        "Internetul nu merge de trei zile",
        "インターネットが三日間つながりません",
        "mi línea lleva tres días muerta y nadie viene",
    ],
)
def test_another_language_is_not_guessed(text: str) -> None:
    answer = classify([text])[0]
    assert (answer.code, answer.confidence, answer.ask) == ("other.unspecific", 0.0, True)
    assert not answer.unsure, "the second opinion does not guess either"


def test_the_second_opinion_is_not_asked_about_what_is_no_complaint() -> None:
    answer = classify(["The pizza arrived cold and the driver threw it at the door"])[0]
    assert answer.foreign_share >= FOREIGN_FROM
    assert not answer.unsure
