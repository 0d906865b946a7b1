"""Chapter of the demonstration: a service is blocked, a leak is found and answered for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from amends.causes.privacy.actions.decide_misuse import decide_misuse
from amends.causes.privacy.actions.honeytokens import place
from amends.causes.privacy.actions.incidents import (
    add_step,
    close_incident,
    judge_step,
    open_incident,
    report,
)
from amends.causes.privacy.actions.notify_people import ask_to_notify, notify_people
from amends.causes.privacy.actions.record_consent import give_consent, withdraw_consent
from amends.causes.privacy.actions.review_service import review_service
from amends.causes.privacy.actions.rights_requests import ask
from amends.causes.privacy.actions.watch_looks import watch_looks
from amends.causes.privacy.models import AccessAlert, Incident, MisuseCase
from amends.people.access.actions.look import look
from amends.people.access.actions.open_case import open_case
from amends.people.subscribers.actions.register import NewSubscriber
from amends.platform.kit.actors import Actor
from amends.work.approvals.actions.decide import approve
from amends.work.approvals.queries import approvals_on

WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
WEEKS = 26
BAITS = (("无名氏甲", "19900000001"), ("无名氏乙", "19900000002"))


def _flow(name: str, about: str, reveals: str, *consent: str, **more: Any) -> dict[str, Any]:
    usual = {"to": "requester", "default": "off", "opt_out": True, "necessary": True}
    return {
        "id": name,
        "about": about,
        "reveals": reveals,
        "consent_of": list(consent),
        "retention_days": 1,
        **usual,
        **more,
    }


SERVICES: dict[str, dict[str, Any]] = {
    "power-on-reminder": {
        "service": "开机提醒 (power-on reminder)",
        "purpose": "被叫开机时通知订购人。Tells the requester when another phone is switched on.",
        "flows": [_flow("switched-on", "called", "presence", "requester")],
    },
    "power-on-reminder-2": {
        "service": "双方同意的开机提醒 (power-on reminder by consent)",
        "purpose": "被叫本人同意后才通知。Tells it only once its user has agreed.",
        "flows": [_flow("switched-on", "called", "presence", "requester", "called")],
    },
    "usage-advice": {
        "service": "套餐建议 (usage advice)",
        "purpose": "根据用量建议套餐。Suggests a tariff that fits the usage.",
        "flows": [
            _flow(
                "profile",
                "requester",
                "usage",
                "requester",
                to="operator",
                default="on",
                opt_out=False,
                necessary=False,
                retention_days=None,
            )
        ],
    },
}


def chapter(*, seed: int, now: datetime, staff: Mapping[str, Actor]) -> None:
    """Services are reviewed, looks watched week by week, the leak decided, its people told."""
    officer = staff["privacy_officer"]
    for service, description in SERVICES.items():
        review_service(service, description, actor=officer, now=now)
    for week in reversed(range(WEEKS)):
        watch_looks(now=now - week * WEEK)
    people = _answer_for_the_leak(officer, staff["manager"], now)
    _ask(people, now)
    _drill(officer, now)
    baits = place(
        [NewSubscriber(name=name, phone=phone) for name, phone in BAITS],
        actor=officer,
        now=now - WEEK,
    )
    curious = staff["handler"]
    case = open_case(curious, subscriber=baits[0], purpose="quality", reference="demo", now=now)
    look(curious, case, ("name", "phone"), now=now)


def _answer_for_the_leak(officer: Actor, manager: Actor, now: datetime) -> list[str]:
    """The case of a partner's user leads to a suspension, an incident, and a word to its people."""
    alerts = AccessAlert.objects.filter(case__decided_at=None, signal="no_case").exclude(
        case__partner=""
    )
    first = alerts.order_by("at").select_related("case").first()
    if first is None:
        return []
    case: MisuseCase = first.case
    decide_misuse(
        case.ref,
        "suspension",
        reason="无案件查看多人资料，本人承认外传号码。",
        actor=officer,
        now=now,
    )
    for item in approvals_on("misuse_case", case.ref):
        approve(item.ref, actor=manager, now=now)
    row = open_incident(
        "代理商人员无案件查看用户资料并外传",
        origin=Incident.Origin.ALERT,
        users=[case.user],
        since=first.at - timedelta(days=first.days + 1),
        until=now,
        found_at=now - HOUR,
        actor=officer,
        now=now,
        reference=case.ref,
    )
    add_step(row.ref, "containment", "账号已停用，代理商暂停业务。", actor=officer, now=now)
    add_step(row.ref, "measure", "代理商人员不再有无案件查看权限。", actor=officer, now=now)
    judge_step(row.ref, row.steps.get(kind="measure").pk, "worked", actor=officer)
    ask_to_notify(row.ref, actor=officer, now=now)
    notify_people(row.ref, actor=manager, now=now)
    clock = row.clocks.order_by("due_at", "id").first()
    if clock is not None:
        report(row.ref, clock.pk, reference="2026-报-017", actor=officer, now=now)
    return list(row.affected.values_list("subscriber", flat=True)[:3])


def _ask(people: list[str], now: datetime) -> None:
    """Some of the people told take back a consent, and ask about their data."""
    wishes = (("access", ""), ("correction", "账单寄送地址有误。"), ("erasure", ""))
    for number, (person, (kind, text)) in enumerate(zip(people, wishes, strict=False)):
        at = now - number * 5 * 24 * HOUR
        give_consent(person, "survey", by=person, channel="web", now=at)
        withdraw_consent(person, "marketing", by=person, channel="sms", now=at)
        ask(person, kind, text=text, by=person, channel="web", now=at)


def _drill(officer: Actor, now: datetime) -> None:
    row = open_incident(
        "演练：导出文件遗失",
        origin=Incident.Origin.HAND,
        users=["usr-drill"],
        since=now - 2 * WEEK,
        until=now - WEEK,
        found_at=now - WEEK,
        actor=officer,
        now=now,
        drill=True,
    )
    close_incident(
        row.ref,
        review="按时完成上报和告知的演练；联系人名单需每季度核对。",
        no_harm=False,
        actor=officer,
        now=now,
    )
