"""Whether another product is forced on an offer, or the one it needs is left out."""

from __future__ import annotations

import re

from amends.facts.offers.key_facts import KeyFacts
from amends.publicity.rules.findings import Finding
from amends.publicity.rules.rulebook import Rulebook
from amends.publicity.rules.text import Text

_I = re.I
GROUPS = {
    "broadband": r"宽带|光纤|光宽|\b(?:broadband|fibre|fiber|home internet|home wi-?fi)\b",
    "mobile": r"手机套餐|移动套餐|手机卡|手机号|移动业务|号卡|流量卡|(?:\d+元)?(?:以上)?(?:手机|"
    r"移动)?主套餐|\b(?:mobile|sim|cell(?:ular)?|phone plan|handset plan)\b",
    "tv": r"IPTV|电视|影视|\b(?:tv|television)\b",
    "landline": r"固话|固定电话|座机|\b(?:landline|home phone|phone line|line rental)\b",
    "member": r"会员|云盘|保险|增值业务|彩铃|安防|摄像头|\b(?:membership|"
    r"insurance|cloud storage|security pack|camera|subscription service)\b",
    "device": r"路由器|合约机|合约手机|购机|手机终端|新机|平板|音箱|\b(?:router|handset|"
    r"new phone|tablet|device|smart speaker)\b",
}
_GROUPS = {name: re.compile(words, _I) for name, words in GROUPS.items()}
_TAKE = (
    r"用户|客户|办理|订购|订阅|开通|购买|加购|选购|购|安装|搭配|捆绑|绑定|一起|"
    r"同时|一并|新装|加装|入网|签约|take|order|buy|purchas\w+|add|have|subscrib\w+|"
    r"sign up|rent|get|join|hold|with"
)
_FORCE = (
    r"必须|须(?!知)|需(?!求)|只有|方可|才能|才可|强制|仅限|仅面向|前提|捆绑|must|"
    r"requir\w+|compulsory|mandatory|only (?:(?:\w+ ){0,3}(?:if|when|with)|available|sold|offered|"
    r"to|for)|have to|has to|needs?\b|condition|provided|obligatory"
)
_FORCED = re.compile(_FORCE, _I)
_TAKEN = re.compile(_TAKE, _I)
_FREE = re.compile(
    r"无需|无须|不需|不用|不必|免(?:费|除)|自愿|可选|可自愿|也可|可单独|单独(?:办理|订购|购买|使用)|不捆绑|不强制|"
    r"\b(?:no|without|not|needn.t|don.t|doesn.t|never|optional\w*|if you (?:like|wish)|on its own|"
    r"separately|standalone|stand-alone)\b", _I,
)  # fmt: skip
_ALONE = re.compile(
    r"(?:可|能|支持)(?:以)?单独(?:办理|订购|购买|使用|开通)|单独(?:办理|订购|购买|开通)(?:即可|也可)|不捆绑|"
    r"\bon its own\b|\bstand-?alone\b|\bseparately\b|\bby itself\b|\bnothing else (?:needed|"
    r"required)\b|"
    r"\bno other (?:product|service)", _I,
)  # fmt: skip
_OPTION = re.compile(r"自愿|可选|可自愿|也可|optional|if you (?:like|wish)", _I)


def bundle(offer: KeyFacts, cut: Text, others: re.Pattern[str] | None) -> Finding | None:
    """The finding about a bundle, if there is one.

    cut     the text, the offer's own name blanked out
    others  names of the other offers
    """
    return _needed(offer, cut) if offer.needs_other else _forced(offer, cut, others)


def own_groups(offer: KeyFacts) -> set[str]:
    """The kinds of product that an offer itself is."""
    found = {name for name, words in _GROUPS.items() if words.search(f"{offer.name} {offer.id}")}
    if offer.down_nominal_mbps and not offer.data_gb and not offer.voice_min:
        found.add("broadband")
    if offer.data_gb or offer.voice_min or offer.throttle_after_gb:
        found.add("mobile")
    return found


def _forced(offer: KeyFacts, cut: Text, others: re.Pattern[str] | None) -> Finding | None:
    if offer.sold_alone is None and offer.bundle_required:
        return None
    own = own_groups(offer)
    products = [words for name, words in _GROUPS.items() if name not in own]
    if others is not None:
        products.append(others)
    for low, high in cut.clauses():
        clause = cut.text[low:high]
        force = _FORCED.search(clause)
        if not force or not _TAKEN.search(clause) or _FREE.search(clause):
            continue
        for words in products:
            if found := words.search(clause):
                start, end = min(force.start(), found.start()), max(force.end(), found.end())
                return Finding(
                    "BUNDLE_CONDITION",
                    "block",
                    "sold_alone",
                    clause[start:end],
                    "yes",
                    low + start,
                    low + end,
                )
    return None


def _needed(offer: KeyFacts, cut: Text) -> Finding | None:
    needs = "; ".join(offer.bundle_required)
    if alone := _sold_alone(cut.text):
        return Finding(
            "BUNDLE_CONDITION",
            "block",
            "bundle_required",
            alone[0],
            needs,
            alone.start(),
            alone.end(),
        )
    for item in offer.bundle_required:
        named = _named(item)
        places = list(named.finditer(cut.text))
        if not places:
            return Finding("BUNDLE_CONDITION", "block", "bundle_required", "", needs)
        denied = [found for found in places if _denies(cut, found)]
        if len(denied) == len(places):
            return Finding(
                "BUNDLE_CONDITION",
                "block",
                "bundle_required",
                denied[0][0],
                needs,
                denied[0].start(),
                denied[0].end(),
            )
    return None


_NOT = re.compile(
    r"(?:不|无法|不可|不能|不得|未|\b(?:not|never|cannot|can.t|isn.t|no)\b[^.;,]{0,14})$", _I
)


def _sold_alone(text: str) -> re.Match[str] | None:
    """Where a text says that the offer can be had alone, and not that it cannot."""
    for found in _ALONE.finditer(text):
        if not _NOT.search(text[max(0, found.start() - 24) : found.start()]):
            return found
    return None


def _denies(cut: Text, found: re.Match[str]) -> bool:
    low, high = cut.clause(found.start())
    clause = cut.text[low:high]
    if re.search(
        r"不能单独|不可单独|不单独|无法单独|not (?:sold|available|offered) (?:separately|"
        r"on its own|without)|cannot",
        clause,
        _I,
    ):
        return False
    return bool(_FREE.search(clause))


def _named(item: str) -> re.Pattern[str]:
    """A product by its name, or by any word of its kind."""
    kinds = [words for words in GROUPS.values() if re.search(words, item, _I)]
    spaced = item.replace("_", " ").replace("-", " ")
    if not kinds and re.search(r"mobile|plan|套餐|main", spaced, _I):
        kinds = [GROUPS["mobile"]]
    return re.compile("|".join([re.escape(item), re.escape(spaced), *kinds]), _I)


def agreement(cut: Text, rulebook: Rulebook) -> Finding | None:
    """A clause of an agreement that sells products only together."""
    pattern = rulebook.words.get("forced_pair")
    for found in pattern.finditer(cut.text) if pattern else ():
        low, high = cut.sentence(found.start())
        sentence = cut.text[low:high]
        if rulebook.finds("forced_exempt", sentence):
            continue
        if _ALONE.search(sentence) or any(words.search(sentence) for words in _GROUPS.values()):
            return Finding(
                "BUNDLE_CONDITION", "block", "agreement", found[0], "", found.start(), found.end()
            )
    return None
