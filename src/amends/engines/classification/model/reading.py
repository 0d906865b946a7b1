"""What of a text is read: what the complainant says in a transcript or work order, and whether
it is written in Chinese or English at all.

Sentences that identify the writer (“本人…，身份证号码：…”, “my ID number is …”) are not read: they
do not belong to the complaint, and would count for misuse of data.
“Agent: … Customer: …” and “客服：… 用户：…” are read by what the customer says; of a work order,
what stands before “Resolution:” or “处理结果：”. Another language is known by its letters
(Cyrillic, Arabic, kana) or by its commonest small words; it would otherwise get a class from the
few words it shares with English.
"""

from __future__ import annotations

import re

_DESK = (
    "agent|operator|adviser|advisor|representative|rep|support|bot|chatbot|assistant|csr|clerk|"
    "客服人员|智能客服|客服|坐席|座席|话务员|工作人员|接线员|机器人|营业员|专员"
)
_CUSTOMER = (
    "customer|caller|user|client|cust|subscriber|me|来电人|来电者|用户|客户|机主|市民|投诉人|我"
)
_OUTCOME = (
    "resolution|action taken|agent notes?|handling notes?|处理结果|处理意见|处理情况|处理过程|"
    "办理结果|答复内容|回复内容"
)
_LABEL = re.compile(
    rf"(?:^|(?<=[\W_]))(?:(?P<desk>{_DESK})|(?P<customer>{_CUSTOMER})|(?P<outcome>{_OUTCOME}))"
    r"[ ]?\d{0,3}[ ]?[:：】]",
    re.IGNORECASE,
)
_IDENTITY = re.compile(
    r"(?:本人[^，,。；;\s]{1,8}[，,]\s?|(?<![\u4e00-\u9fff]))"
    r"(?:我的)?身份证(?:号码?)?(?:[:：]|是|为)?\s?[\dXx*＊]{6,}(?:[，,]?(?:你们)?可以核对)?"
    r"|身份证(?:号码?)?\s?[\dXx*＊]{6,}[，,]?(?:你们)?可以核对"
    r"|\bmy (?:id|identity)(?: card)?(?: (?:number|no\.?))?(?: is|:)? ?[\dXx*]{6,}",
    re.IGNORECASE,
)
_LEAST = 4
"""With fewer letters left, the whole text is read."""


def customer_words(text: str) -> str:
    """`text` with labels and the desk's turns replaced by as many spaces; others as they are.

    >>> customer_words("Agent: Hello. Customer: No signal!").strip()
    'No signal!'
    >>> customer_words("My operator: slow")
    'My operator: slow'
    >>> customer_words("太慢了。本人王建国，身份证号码：990101********3515").strip()
    '太慢了。'
    """
    return _customer_turns(_without_identity(text))


def _without_identity(text: str) -> str:
    """`text` with what identifies its writer replaced by as many spaces."""
    if "身份证" not in text and "my id" not in text.lower():
        return text
    read = _IDENTITY.sub(lambda identity_match: " " * len(identity_match[0]), text)
    return read if sum(map(str.isalpha, read)) >= 1 else text


def _customer_turns(text: str) -> str:
    if ":" not in text and "：" not in text and "】" not in text:
        return text
    labels = list(_LABEL.finditer(text))
    kinds = {label.lastgroup for label in labels}
    if not ("outcome" in kinds or {"desk", "customer"} <= kinds):
        return text
    parts, end = [], 0
    silent = False
    for label in labels:
        parts.append(_blank_if_silent(text[end : label.start()], silent))
        parts.append(" " * (label.end() - label.start()))
        end, silent = label.end(), label.lastgroup != "customer"
    parts.append(_blank_if_silent(text[end:], silent))
    read = "".join(parts)
    return read if sum(map(str.isalpha, read)) >= _LEAST else text


def _blank_if_silent(part: str, silent: bool) -> str:
    return " " * len(part) if silent else part


OTHERS = """
que los las una por para con del esta este muy pero como quiero tengo hace meses nada nadie porque
cuando desde sin soy nos les eso dos veces mes mismo dias tres lleva hasta darme mucho siempre
gracias nao uma com meu minha voce sao mais quando isso foi tem muito ate vezes conta sempre je le
la des une est pas qui pour dans avec sur vous mon ma nous plus depuis cest jai et du toujours
tourner rond bonjour encore rien ich nicht und der das ein eine mein meine ist seit auf mit von
wird nur bei fur kein keine sich aber wir sie es zu ihr den dem einfach immer noch schon wieder
mehr gar geht viel kaputt alles doppelt falsch il che non sono della gli anche mai piu questo dal
era ogni due ore sera voglio chiedono mia ho een het niet van ik dat voor zijn maar nog geen bir
ve bu icin cok degil ama yok yang saya tidak dan ini itu dengan untuk sudah bisa nie sie jest na
och det att inte jag som ar ang ng mga hindi po ako khong toi cua va bi wo bu mei shi ni zai yue
kou qian zong luo wang le de
""".split()
"""Small words of other languages, folded; those that English has too are left out."""

ENGLISH = """
the and is my to for not have with you they it of that this was are but we your has been from at
be can will when what there their just get dont cant im ive no in on me after all so if an our or
by now
""".split()
