"""What a short written answer means, where our letter asked for one."""

from __future__ import annotations

from amends.complaints.rules.joining import plain

_WORDS = {
    "accept": (
        "同意", "我同意", "同意方案", "接受", "我接受", "可以", "好的同意", "好的", "yes",
        "yesplease", "iagree", "agreed", "agree", "accept", "iaccept", "accepted", "ok",
    ),
    "refuse": (
        "不同意", "我不同意", "不接受", "我不接受", "拒绝", "不行", "no", "nothanks", "idonotagree",
        "idontagree", "refuse", "irefuse", "idonotaccept", "idontaccept", "rejected",
    ),
    "solved": (
        "解决了", "已解决", "已经解决了", "问题解决了", "solved", "itissolved", "yesitissolved",
        "fixed", "resolved",
    ),
    "not_solved": (
        "没解决", "没有解决", "还没解决", "未解决", "又出现了", "又有了", "notsolved",
        "itisnotsolved", "notfixed", "itcameback", "notresolved", "stillnotsolved",
    ),
}  # fmt: skip
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words}


def meaning(text: str) -> str:
    """`accept`, `refuse`, `solved`, `not_solved`, or "" for anything that says more or else.

    Only the whole answer counts: “同意，但是…” is for a person to read.

    >>> meaning("不同意。"), meaning("Yes!"), meaning("同意，但是要快一点")
    ('refuse', 'accept', '')
    """
    return _MEANING.get(plain(text), "")
