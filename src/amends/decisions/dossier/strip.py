"""The strip: services, charges, notices, confirmations and looks on one axis, gaps included."""

from __future__ import annotations

from amends.decisions.dossier.model import Lane, Strip, StripMark
from amends.decisions.dossier.texts import Texts, Values
from amends.decisions.evidence_account import Account

_LANES: dict[str, tuple[str, ...]] = {
    "services": ("ServiceOrdered", "ServiceActivated", "ServiceChanged", "ServiceStopped"),
    "confirmations": ("ConfirmationAsked", "ConfirmationGiven", "ConfirmationRefused"),
    "charges": ("ChargeMade", "RefundMade"),
    "notices": ("NoticeDue", "NoticeSent", "NoticeDelivered", "NoticeFailed"),
    "quality": (
        "SpeedMeasured",
        "SpeedJudged",
        "QualityDegraded",
        "IncidentOpened",
        "IncidentClosed",
    ),
    "looks": ("DataAccessed",),
}


def strip(account: Account, texts: Texts) -> Strip:
    """The period in question with everything that happened in it, one lane a source."""
    start, end = account.start_ms, account.until_ms
    lanes = []
    for lane, kinds in _LANES.items():
        marks = [
            mark
            for kind in kinds
            for mark in _marks(account, texts, kind)
            if mark.at_ms < end and mark.end_ms >= start
        ]
        gaps = tuple(account.gaps(kinds, start, end))
        if marks or lane in ("services", "confirmations", "charges", "notices"):
            zh, en = texts.data.lanes[lane]
            marks.sort(key=lambda mark: (mark.at_ms, mark.fact))
            lanes.append(Lane(lane, zh, en, tuple(marks), gaps))
    return Strip(start, end, tuple(lanes))


def _marks(account: Account, texts: Texts, kind: str) -> list[StripMark]:
    """A mark for each fact; what lasts (a degradation, a billing period) has its own end."""
    marks = []
    for at_ms, fact in account.of(kind):
        end = at_ms
        values: Values = {}
        if kind == "QualityDegraded":
            at_ms, end = int(fact.payload["from_ms"]), int(fact.payload["to_ms"])
        elif fact.subject not in account.services and kind not in (
            "DataAccessed",
            "IncidentOpened",
            "IncidentClosed",
        ):
            continue
        if kind in ("ChargeMade", "RefundMade"):
            currency = str(fact.payload["currency"])
            values["amount"] = texts.money(int(fact.payload["amount_minor"]), currency)
        elif "duty" in fact.payload:
            values["duty"] = texts.word("duty", texts.data.duty_name(str(fact.payload["duty"])))
        elif "role" in fact.payload:
            values["role"] = texts.word("role", str(fact.payload["role"]))
        elif kind == "SpeedMeasured":
            values["speed"] = texts.speed(int(fact.payload["down_kbps"]))
        elif "offer" in fact.payload or "to_offer" in fact.payload:
            payload = fact.payload
            values["name"] = texts.name(str(payload.get("to_offer", payload.get("offer", ""))))
        zh, en = texts.say(f"mark.{kind}", **values)
        marks.append(StripMark(at_ms, end, kind, zh, en, fact.id))
    return marks
