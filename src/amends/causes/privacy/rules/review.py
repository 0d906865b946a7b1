"""Whether the data flows of a service may start: pass, conditions or block, each with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.packs import RuleFile, load_rules

Verdict = Literal["pass", "conditions", "block"]

PERSONS = {
    "requester": gettext_noop("the requester"),
    "called": gettext_noop("the called person"),
    "caller": gettext_noop("the caller"),
    "third_person": gettext_noop("a third person"),
    "contacts": gettext_noop("each person in the address book"),
}
DATA = {
    "presence": gettext_noop("presence"),
    "location": gettext_noop("location"),
    "identity": gettext_noop("identity"),
    "contacts": gettext_noop("contacts"),
    "content": gettext_noop("content of communication"),
    "usage": gettext_noop("usage"),
    "billing": gettext_noop("billing data"),
}
RECIPIENTS = {
    "requester": gettext_noop("the requester"),
    "operator": gettext_noop("the operator"),
    "partner": gettext_noop("a partner"),
    "public": gettext_noop("the public"),
}
DEFAULTS = ("on", "off")
_PASSES = gettext_noop("No rule of the review is broken.")


class UnableToReview(BadInput):
    """The description of the service lacks something or names an unknown role."""

    code = "unable_to_review"


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow of personal data; `retention_days` None: kept without an end."""

    id: str
    about: str
    reveals: str
    to: str
    consent_of: tuple[str, ...]
    default: str
    opt_out: bool
    necessary: bool
    retention_days: int | None


@dataclass(frozen=True, slots=True)
class ReviewedService:
    """A service with the data flows that are declared for it."""

    name: str
    purpose: str
    flows: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class FlowFinding:
    """What the review says of one flow; sentences in Chinese and English, "" for no redesign."""

    id: str
    verdict: Verdict
    threat: str
    rules: tuple[str, ...]
    why_zh: str
    why_en: str
    redesign_zh: str
    redesign_en: str


@dataclass(frozen=True, slots=True)
class Review:
    """The verdict on a service, and on each flow in the order they were declared."""

    service: str
    verdict: Verdict
    rules: str
    flows: tuple[FlowFinding, ...]

    @property
    def blocking(self) -> list[str]:
        """Flows that must not start."""
        return [flow.id for flow in self.flows if flow.verdict == "block"]


_ZH = {
    "requester": "订购人",
    "called": "被叫",
    "caller": "主叫",
    "third_person": "第三人",
    "contacts": "联系人",
    "presence": "在线状态",
    "location": "位置",
    "identity": "身份",
    "content": "通信内容",
    "usage": "使用情况",
    "billing": "账单",
    "operator": "运营商",
    "partner": "合作方",
    "public": "公众",
}


def review(service: ReviewedService, *, on: date) -> Review:
    """Hold every flow of a service against the rules in force on a day.

    >>> reminder = {"id": "on", "about": "called", "reveals": "presence", "to": "requester",
    ...             "consent_of": ["requester"], "default": "off", "opt_out": True,
    ...             "necessary": True, "retention_days": 1}
    >>> service = parse({"service": "Power-on reminder", "purpose": "", "flows": [reminder]})
    >>> found = review(service, on=date(2026, 11, 29))
    >>> found.verdict, found.flows[0].threat
    ('block', 'Detecting')
    """
    file = load_rules("amends.causes.privacy", "service-review", on)
    flows = tuple(_judged(flow, file) for flow in service.flows)
    verdicts = {flow.verdict for flow in flows}
    verdict = next(
        verdict_code
        for verdict_code in ("block", "conditions", "pass")
        if verdict_code in {*verdicts, "pass"}
    )
    return Review(service=service.name, verdict=verdict, rules=file.version, flows=flows)


def _judged(flow: Flow, file: RuleFile) -> FlowFinding:
    broken = [rule for rule in file.rules if _breaks(flow, rule)]
    if not broken:
        threat = file.data["threats"][flow.reveals]
        return FlowFinding(
            id=flow.id,
            verdict="pass",
            threat=threat,
            rules=(),
            why_zh="未违反审查规则。",
            why_en=_PASSES,
            redesign_zh="",
            redesign_en="",
        )
    verdict: Verdict = (
        "block" if any(rule["effect"] == "block" for rule in broken) else "conditions"
    )
    return FlowFinding(
        id=flow.id,
        verdict=verdict,
        threat=broken[0]["threat"],
        rules=tuple(rule["id"] for rule in broken),
        why_zh="".join(_filled(rule["why_zh"], flow, "zh") for rule in broken),
        why_en=" ".join(_filled(rule["why_en"], flow, "en") for rule in broken),
        redesign_zh="".join(_filled(rule["redesign_zh"], flow, "zh") for rule in broken),
        redesign_en=" ".join(_filled(rule["redesign_en"], flow, "en") for rule in broken),
    )


def _breaks(flow: Flow, rule: Mapping[str, Any]) -> bool:
    if rule["id"] == "not-refusable":
        return flow.default == "on" and not flow.opt_out and not flow.necessary
    if rule["id"] == "kept-without-end":
        return flow.retention_days is None
    concerned = {
        "anybody": True,
        "others": flow.about != "requester",
        "requester": flow.about == "requester",
    }
    conditions = {"necessary": flow.necessary, "opt_out": flow.opt_out}
    return (
        concerned[rule["about"]]
        and not conditions.get(rule.get("unless", ""), False)
        and flow.reveals in rule["reveals"]
        and flow.to in rule["to"]
        and flow.about not in flow.consent_of
    )


def _filled(template: str, flow: Flow, language: str) -> str:
    if language == "zh":
        return template.format(person=_ZH[flow.about], what=_ZH[flow.reveals], to=_ZH[flow.to])
    filled = template.format(
        person=PERSONS[flow.about], what=DATA[flow.reveals], to=RECIPIENTS[flow.to]
    )
    return filled[0].upper() + filled[1:]


def parse(document: object) -> ReviewedService:
    """A service from its JSON document; refuses what is missing or not one of the known words."""
    if not isinstance(document, Mapping) or not str(document.get("service") or "").strip():
        raise UnableToReview(
            gettext_noop("The file describes no service."),
            next_step=gettext_noop("Give an object with “service”, “purpose” and “flows”."),
        )
    flows = document.get("flows")
    if not isinstance(flows, Sequence) or isinstance(flows, str) or not flows:
        raise UnableToReview(
            gettext_noop("The service declares no data flow."),
            next_step=gettext_noop("List what it reveals about whom, and to whom, in “flows”."),
        )
    read = tuple(_flow(row, f"flows[{index}]") for index, row in enumerate(flows))
    if len({flow.id for flow in read}) < len(read):
        raise UnableToReview(
            gettext_noop("Two data flows have the same id."),
            next_step=gettext_noop("Give each its own."),
        )
    return ReviewedService(
        str(document["service"]).strip(), str(document.get("purpose") or ""), read
    )


def _flow(row: object, where: str) -> Flow:
    if not isinstance(row, Mapping) or not str(row.get("id") or "").strip():
        raise _unusable(where, "id", "", ("…",))
    consent = row.get("consent_of") or []
    if not isinstance(consent, Sequence) or isinstance(consent, str):
        raise _unusable(where, "consent_of", consent, ("[…]",))
    for consent_code in consent:
        _one_of(where, "consent_of", consent_code, PERSONS)
    days = row.get("retention_days")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or days < 0):
        raise _unusable(where, "retention_days", days, ("0, 1, 2, …", "null"))
    return Flow(
        id=str(row["id"]).strip(),
        about=_one_of(where, "about", row.get("about"), PERSONS),
        reveals=_one_of(where, "reveals", row.get("reveals"), DATA),
        to=_one_of(where, "to", row.get("to"), RECIPIENTS),
        consent_of=tuple(consent),
        default=_one_of(where, "default", row.get("default", "off"), DEFAULTS),
        opt_out=_true_or_false(where, "opt_out", row.get("opt_out", False)),
        necessary=_true_or_false(where, "necessary", row.get("necessary", False)),
        retention_days=days,
    )


def _one_of(
    where: str, name: str, entry_value: object, allowed: Mapping[str, str] | Sequence[str]
) -> str:
    if not isinstance(entry_value, str) or entry_value not in allowed:
        raise _unusable(where, name, entry_value, tuple(allowed))
    return entry_value


def _true_or_false(where: str, name: str, entry_value: object) -> bool:
    if not isinstance(entry_value, bool):
        raise _unusable(where, name, entry_value, ("true", "false"))
    return entry_value


def _unusable(where: str, name: str, entry_value: object, allowed: Sequence[str]) -> UnableToReview:
    return UnableToReview(
        gettext_noop("%(where)s: “%(given)s” cannot be used as %(name)s."),
        next_step=gettext_noop("Use one of %(known)s."),
        values={
            "where": where,
            "name": name,
            "given": "" if entry_value is None else entry_value,
            "known": ", ".join(allowed),
        },
    )
