"""Which language a message is written in, as far as its letters tell."""

from __future__ import annotations

import unicodedata

_ENOUGH_LETTERS = 4


def guess_language(text: str) -> str:
    """`zh`, `en`, or "" where the letters do not tell; quoted product names do not count much.

    A Chinese sentence that names `5G` or `App` stays Chinese: one Han character weighs as much as
    three Latin letters, because it says about as much.

    >>> guess_language("我的App被扣了三十块钱")
    'zh'
    >>> guess_language("I was charged twice for 流量包 and nobody answers the phone.")
    'en'
    >>> guess_language("12345")
    ''
    """
    han = latin = other = 0
    for char in text[:20_000]:
        if "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf":
            han += 1
        elif char.isascii():
            latin += char.isalpha()
        elif unicodedata.category(char) in {"Lo", "Ll", "Lu"}:
            other += 1
    weight = {"zh": han * 3, "en": latin, "": other * 2}
    if sum(weight.values()) < _ENOUGH_LETTERS:
        return ""
    return max(weight, key=lambda language: weight[language])
