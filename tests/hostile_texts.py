"""Texts of 20,000 characters that try to make recognisers slow: a unit repeated, with an edge."""

from __future__ import annotations

import random
from collections.abc import Iterator

from amends.cases.complaints.actions.intake import MAX_CHARACTERS

PIECES = (
    *"0 1 12 86 +1 +86 +44 35 07 001 110105 4111 8986 13800001234 0x".split(),
    "+12345678901234567890123456789012345",
    *(
        "-",
        "–",
        " ",
        "  ",
        "(",
        "(",
        ")",
        "（",
        ".",
        ",",
        "，",
        "。",
        "\n",
        "\t",
        "\u3000",
        ":",
        "：",
    ),
    *(
        "@",
        "a@b.",
        "a@b.cn",
        "_",
        "%",
        "!",
        "?",
        "http://",
        "www.",
        "::",
        "fe80:",
        "1.2.",
        "2001:db8",
    ),
    *(
        "A",
        "a",
        "x",
        "Q",
        "AB",
        "Ab",
        "A.",
        "A-",
        "A'",
        "GB82",
        "İ",
        "ß",
        "０",
        "Ａ",
        "＠",
        "㍿",
        "ﷺ",
    ),
    *("\u0301", "\u200b", "\u200d", "😀", "\ufe0f"),
    *"我 是 我叫 本人 王 用户 地址 地址是 住在 家住 路 街 号 号楼 室 栋 一 三 幺 一三 1号".split(),
    *"订单 身份证 卡号 护照 微信 QQ 电话 署名 敬礼 —— -- imei ID version".split(),
    *(
        "my name is ",
        "My name",
        "Mr ",
        "Hi ",
        "This is ",
        "I am ",
        "de ",
        "Regards",
        "Thanks",
        "best",
    ),
    *(
        "address ",
        "live at ",
        "meet me at ",
        "P.O. Box ",
        "Box 1",
        "Apt 1",
        "Flat",
        "Street",
        "tel ",
    ),
)
BEFORE = ("", "", "", "我叫王明，电话13800001234。", "my name is ", "1234567 ")
AFTER = ("", "", "x", "@", "!", "\n", "号", "1")


def hostile_texts(count: int, *, seed: int) -> Iterator[tuple[str, str]]:
    """So many texts, each with the unit it repeats."""
    chance = random.Random(seed)
    for _ in range(count):
        unit = "".join(chance.choices(PIECES, k=chance.choice((1, 1, 2, 2, 3, 4, 5))))
        if chance.random() < 0.3:
            unit = unit * chance.randint(2, 12) + chance.choice(PIECES)
        before, after = chance.choice(BEFORE), chance.choice(AFTER)
        repeated = before + unit * (MAX_CHARACTERS // len(unit) + 1)
        yield unit, repeated[: MAX_CHARACTERS - len(after)] + after
