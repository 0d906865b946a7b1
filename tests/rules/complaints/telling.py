"""Invented lives of one subscriber, told fact by fact, for tests of dossier and decision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from amends.engines.decisions.decide import ApprovalLimit, ProposedDecision, decide
from amends.engines.decisions.dossier import Dossier, dossier
from amends.engines.decisions.evidence import EvidenceCoverage, Matter
from amends.platform.kit.periods import Period, to_ms
from amends.record.facts.fact import Fact

PERSON = "p-lin"
RING, PLAN, FIBRE = "svc-ring", "svc-plan", "svc-fibre"
NORTH = "north"
SOURCES = {
    "crm": ("ServiceOrdered", "ServiceActivated", "ServiceChanged", "ServiceStopped"),
    "confirmations": ("ConfirmationAsked", "ConfirmationGiven", "ConfirmationRefused"),
    "billing": ("ChargeMade", "RefundMade"),
    "auditor": ("NoticeDue",),
    "notices": ("NoticeSent", "NoticeDelivered", "NoticeFailed"),
    "publicity": ("OfferPublished", "ClaimPublished"),
    "quality": ("SpeedMeasured", "QualityDegraded", "IncidentOpened", "IncidentClosed"),
    "access": ("DataAccessed",),
}


def day(number: float, hour: float = 2) -> datetime:
    """Day `number` of the year 2026, counted from 0, at an hour UTC (10:00 in Shanghai)."""
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number, hours=hour)


LONG_AGO, OPENED, FAR_AHEAD = day(-900), day(-800), day(900)


class Story:
    """Facts about one person up to the day of a complaint; every source covers everything."""

    def __init__(self, code: str, *, received: datetime | None = None, **matter: Any) -> None:
        self.received = received or day(150)
        self.facts: list[Fact] = []
        self.statements: list[EvidenceCoverage] = []
        values = {
            "identity_verified": True,
            "area": NORTH,
            "services": (RING, PLAN, FIBRE),
            "jurisdiction": "cn",
            "zone": "Asia/Shanghai",
            "currency": "CNY",
        }
        self.matter = Matter(
            code=code,
            received_at=self.received,
            period=Period(self.received - timedelta(days=730), self.received),
            **(values | matter),
        )
        self._number = 0
        for source in SOURCES:
            self.cover(source)

    # ------------------------------------------------------------ coverage

    def cover(
        self,
        source: str,
        start: datetime = LONG_AGO,
        end: datetime = FAR_AHEAD,
        *,
        complete: bool = True,
        scope: str = "all",
    ) -> Story:
        kinds = frozenset(SOURCES[source])
        self.statements.append(EvidenceCoverage(source, kinds, scope, start, end, complete))
        return self

    def uncover(self, source: str) -> Story:
        self.statements = [each for each in self.statements if each.source != source]
        return self

    # ------------------------------------------------------------ facts

    def add(
        self, kind: str, subject: str, at: datetime, source: str, /, **payload: str | int
    ) -> Fact:
        owner = "" if kind in ("OfferPublished", "ClaimPublished", "QualityDegraded") else PERSON
        self._number += 1
        fact = Fact(kind, owner, subject, at, source, payload, id=f"{self._number:032x}")
        self.facts.append(fact)
        return fact

    def offer(
        self, offer: str, price: int, *, at: datetime = OPENED, version: str = "1", **more: Any
    ) -> Story:
        fields = {"name_zh": f"{offer}套餐", "name_en": offer.title(), "currency": "CNY"} | more
        self.add(
            "OfferPublished",
            offer,
            at,
            "publicity",
            offer=offer,
            offer_version=version,
            price_minor=price,
            **fields,
        )
        return self

    def begin(
        self,
        service: str,
        offer: str,
        at: datetime,
        *,
        order: str = "",
        initiator: str = "subscriber",
        channel: str = "app",
        **more: str | int,
    ) -> Story:
        """An order and, nine minutes later, the activation; without `order`, the latter alone."""
        common: dict[str, str | int] = {"offer": offer, "initiator": initiator} | more
        if order:
            common["order"] = order
            self.add("ServiceOrdered", service, at, "crm", channel=channel, **common)
        activated = at + timedelta(minutes=9)
        self.add("ServiceActivated", service, activated, "crm", offer_version="1", **common)
        return self

    def confirm(self, service: str, offer: str, at: datetime, *, order: str) -> Story:
        self.add(
            "ConfirmationGiven",
            service,
            at,
            "confirmations",
            order=order,
            offer=offer,
            channel="sms",
            method="sms_reply",
        )
        return self

    def refuse(self, service: str, offer: str, at: datetime, *, order: str) -> Story:
        self.add(
            "ConfirmationRefused",
            service,
            at,
            "confirmations",
            order=order,
            offer=offer,
            channel="sms",
        )
        return self

    def change(self, service: str, before: str, after: str, at: datetime, *, order: str) -> Story:
        self.add(
            "ServiceChanged",
            service,
            at,
            "crm",
            from_offer=before,
            to_offer=after,
            initiator="operator",
            order=order,
        )
        return self

    def stop(self, service: str, at: datetime) -> Story:
        self.add("ServiceStopped", service, at, "crm", initiator="subscriber")
        return self

    def charge(
        self,
        service: str,
        offer: str,
        at: datetime,
        amount: int,
        *,
        ref: str,
        kind: str = "monthly_fee",
        days: int = 30,
        **more: str | int,
    ) -> Story:
        """A charge in advance; `days` 0 leaves the billing period out."""
        period = {}
        if days:
            end = at + timedelta(days=days)
            period = {"period_start_ms": to_ms(at), "period_end_ms": to_ms(end)}
        self.add(
            "ChargeMade",
            service,
            at,
            "billing",
            charge=ref,
            charge_kind=kind,
            offer=offer,
            amount_minor=amount,
            **({"currency": "CNY"} | period | more),
        )
        return self

    def refund(self, service: str, at: datetime, amount: int, *, ref: str) -> Story:
        self.add(
            "RefundMade",
            service,
            at,
            "billing",
            charge=ref,
            remedy=f"r-{ref}-{amount}",
            amount_minor=amount,
            currency="CNY",
        )
        return self

    def due(self, duty: str, service: str, at: datetime, *, key: str, **more: str | int) -> Story:
        self.add(
            "NoticeDue",
            service,
            at,
            "auditor",
            duty=duty,
            duty_version="2012-07-01",
            key=key,
            due_at_ms=to_ms(at),
            **more,
        )
        return self

    def sent(self, duty: str, service: str, at: datetime, *, key: str) -> Story:
        self.add("NoticeSent", service, at, "notices", duty=duty, key=key, channel="sms")
        return self

    def delivered(self, duty: str, service: str, at: datetime, *, key: str) -> Story:
        self.add("NoticeDelivered", service, at, "notices", duty=duty, key=key, channel="sms")
        return self

    def failed(self, duty: str, service: str, at: datetime, *, key: str) -> Story:
        self.add(
            "NoticeFailed",
            service,
            at,
            "notices",
            duty=duty,
            key=key,
            channel="sms",
            cause="unreachable",
        )
        return self

    def claim(self, claim: str, offer: str, price: int, at: datetime, **more: str | int) -> Story:
        self.add(
            "ClaimPublished",
            offer,
            at,
            "publicity",
            claim=claim,
            channel="social",
            text="每月更低",
            offer=offer,
            price_minor=price,
            currency="CNY",
            **more,
        )
        return self

    def measured(self, service: str, at: datetime, down_kbps: int) -> Story:
        self.add("SpeedMeasured", service, at, "quality", down_kbps=down_kbps, method="gateway")
        return self

    def degraded(
        self, start: datetime, end: datetime, area: str = NORTH, technology: str = "fibre"
    ) -> Story:
        self.add(
            "QualityDegraded",
            area,
            end,
            "quality",
            area=area,
            technology=technology,
            from_ms=to_ms(start),
            to_ms=to_ms(end),
            severity="major",
        )
        return self

    def look(self, at: datetime, *, case: str, role: str = "agent") -> Story:
        self.add(
            "DataAccessed",
            case,
            at,
            "access",
            user="user-7",
            role=role,
            case=case,
            purpose="service",
            fields="name,address",
        )
        return self

    # ------------------------------------------------------------ answers

    def dossier(self, **more: Any) -> Dossier:
        return dossier(self.matter, self.facts, self.statements, **more)

    def decide(self, *, limits: ApprovalLimit | None = None) -> ProposedDecision:
        on = self.received.date()
        return decide(self.dossier(), self.matter, on=on, limits=limits)

    def answers(self, question: str) -> list[str]:
        return [row.answer for row in self.dossier().of(question)]


def ringtone(code: str = "thirdparty.value_added", **matter: Any) -> Story:
    """A ringtone of ¥6 a month activated by an agent on day 100, charged on days 100 and 130."""
    return (
        Story(code, **matter)
        .offer("ring", 600, kind="value_added")
        .begin(RING, "ring", day(100), order="o-ring", initiator="partner:agent-x", channel="agent")
        .charge(RING, "ring", day(100, 2.2), 600, ref="c-1", kind="value_added")
        .charge(RING, "ring", day(130), 600, ref="c-2", kind="value_added")
    )


def abroad(code: str = "reminder.missing", **matter: Any) -> Story:
    """Data abroad: ¥50 used up by day 140, the notice due then; ¥30 and ¥45.50 come after."""
    story = Story(code, **matter).offer("plan", 5900, kind="mobile_plan")
    story.begin(PLAN, "plan", day(-500))
    for ref, at, amount in (
        ("a-1", day(139), 2500),
        ("a-2", day(140), 2500),
        ("a-3", day(141), 3000),
        ("a-4", day(142), 4550),
    ):
        story.charge(PLAN, "roam", at, amount, ref=ref, kind="roaming_data", days=0)
    return story.due(
        "cn.roaming_cap", PLAN, day(140, 2.1), key="n-cap", threshold_minor=5000, currency="CNY"
    )


def fibre(code: str = "network.speed", **matter: Any) -> Story:
    """A line sold at 300 Mbit/s, at least 240, ¥79 a month on days 90 and 120."""
    return (
        Story(code, **matter)
        .offer(
            "fibre",
            7900,
            kind="broadband",
            speed_down_kbps=300_000,
            speed_min_kbps=240_000,
            contract_months=12,
            exit_fee_minor=20_000,
            technology="fibre",
        )
        .begin(FIBRE, "fibre", day(-300), order="o-fibre")
        .confirm(FIBRE, "fibre", day(-300, 2.1), order="o-fibre")
        .charge(FIBRE, "fibre", day(90), 7900, ref="f-1")
        .charge(FIBRE, "fibre", day(120), 7900, ref="f-2")
    )
