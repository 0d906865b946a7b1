"""What a short written answer means, where our letter asked for one."""

from __future__ import annotations

import re

from amends.platform.kit.texts import plain

_LONGEST_THANKS = 80
_THANKS = re.compile(r"谢|辛苦|\bthank")
# What asks, denies, doubts, counts or names money is more than thanks.
_MORE = re.compile(
    r"[没未不还又但却仍请退扣收费钱吗呢?？0-9]|可是|怎么|什么|为何|几时|何时|\b(?:not?|but|still|again|"
    r"yet|please|refund|charged?|money|pay|when|why|how|what|until)\b|n['’]t\b"
)
_WORDS = {
    "accept": (
        "同意",
        "我同意",
        "同意方案",
        "接受",
        "我接受",
        "可以",
        "好的同意",
        "好的",
        "yes",
        "yesplease",
        "iagree",
        "agreed",
        "agree",
        "accept",
        "iaccept",
        "accepted",
        "ok",
    ),
    "refuse": (
        "不同意",
        "我不同意",
        "不接受",
        "我不接受",
        "拒绝",
        "不行",
        "no",
        "nothanks",
        "idonotagree",
        "idontagree",
        "refuse",
        "irefuse",
        "idonotaccept",
        "idontaccept",
        "rejected",
    ),
    "solved": (
        "解决了",
        "已解决",
        "已经解决了",
        "问题解决了",
        "solved",
        "itissolved",
        "yesitissolved",
        "fixed",
        "resolved",
    ),
    "not_solved": (
        "没解决",
        "没有解决",
        "还没解决",
        "未解决",
        "又出现了",
        "又有了",
        "notsolved",
        "itisnotsolved",
        "notfixed",
        "itcameback",
        "notresolved",
        "stillnotsolved",
    ),
    "thanks": (
        "谢谢",
        "谢谢你",
        "谢谢您",
        "谢谢你们",
        "多谢",
        "感谢",
        "非常感谢",
        "好的谢谢",
        "收到",
        "收到谢谢",
        "收到了",
        "已收到",
        "知道了",
        "辛苦了",
        "thanks",
        "thankyou",
        "manythanks",
        "thankyouverymuch",
        "thanksalot",
        "okthanks",
        "okthankyou",
        "received",
        "noted",
    ),
}
_MEANING = {word: meaning for meaning, answer_words in _WORDS.items() for word in answer_words}


def meaning(text: str) -> str:
    """`accept`, `refuse`, `solved`, `not_solved`, `thanks`, or "" for what says more or else.

    Only the whole answer counts: “同意，但是…” is for a person to read. Thanks may be given in a
    sentence, as long as nothing in it asks, denies or counts.

    >>> meaning("不同意。"), meaning("Yes!"), meaning("同意，但是要快一点")
    ('refuse', 'accept', '')
    >>> meaning("谢谢你们帮我解决了"), meaning("谢谢，可是还在扣我的钱")
    ('thanks', '')
    """
    known_meaning = _MEANING.get(plain(text), "")
    return known_meaning or ("thanks" if _only_thanks(text.strip().lower()) else "")


def _only_thanks(text: str) -> bool:
    if len(text) > _LONGEST_THANKS or not _THANKS.search(text):
        return False
    return not _MORE.search(text)
