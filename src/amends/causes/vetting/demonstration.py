"""Chapter of the demonstration: an app that changed its certificate is stopped, and the hidden
charge of a service is found in a sample of its order page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from amends.causes.vetting.actions.contents import (
    confirm_taken_down,
    set_partner_notice_address,
    submit_sample,
)
from amends.causes.vetting.actions.judge import judge
from amends.causes.vetting.choices import AppType, CheckState
from amends.causes.vetting.models import AppCheck, RegisteredService
from amends.causes.vetting.rules.apk.facts import (
    AppFacts,
    CodeFacts,
    Component,
    FoundHost,
    ManifestFacts,
    RequestedPermission,
    SignatureFacts,
    Signer,
)
from amends.people.partners.queries import partners
from amends.platform.kit.actors import Actor
from amends.platform.kit.ids import random_id
from amends.work.casework.actions.add_note import add_note

_PACKAGE = "com.example.starnews"
_LAUNCH = "launch-campus-49"
_NOTE = "已联系合作方：新版由外包团队打包。Asked the partner: a contractor built this version."
_FIRST_PAGE = (
    "免费领取视频彩铃！点击“立即领取”即视为同意开通会员，每月自动扣费，费用从话费中扣除，"
    "资费以账单为准。"
)
_SECOND_PAGE = (
    "<h1>0元体验</h1><button>继续</button><p style='font-size:8px'>点击继续即表示同意订购，"
    "体验结束自动续订，次月起由运营商代收信息费，资费详见协议。</p>"
)
_TAKEN_DOWN = "页面已撤下，抽查确认。Removed; checked again."


def chapter(*, seed: int, now: datetime, staff: Mapping[str, Actor]) -> None:
    """A news app passes; its next version, signed by another key, takes contacts."""
    _checked("1.4.0", ("INTERNET",), "release key", staff, now - timedelta(days=40))
    changed = _checked(
        "1.5.0",
        ("INTERNET", "READ_CONTACTS"),
        "contractor's key",
        staff,
        now - timedelta(days=2),
        hosts=[FoundHost("up.contacts-sync.example", "https://up.contacts-sync.example", "dex")],
    )
    noted_at = now - timedelta(days=1)
    add_note("app_check", changed.ref, text=_NOTE, actor=staff["manager"], now=noted_at)
    sample_order_pages(actor=staff["manager"], now=now)


def sample_order_pages(*, actor: Actor, now: datetime) -> None:
    """Two order pages of a service: one taken down in time, its successor still up and overdue."""
    service = RegisteredService.objects.exclude(provider="").order_by("ref").first()
    if service is None:
        return
    set_partner_notice_address(
        service.provider, "compliance@partner.example", actor=actor, now=now - timedelta(days=60)
    )
    for days, text in ((34, _FIRST_PAGE), (3, _SECOND_PAGE)):
        at = now - timedelta(days=days)
        sample = submit_sample(service.ref, text, source="order_page", actor=actor, now=at)
        if days > 30 and (finding := getattr(sample, "finding", None)):
            confirm_taken_down(
                finding.ref, reason=_TAKEN_DOWN, actor=actor, now=at + timedelta(hours=5)
            )


def _checked(
    version: str,
    permissions: tuple[str, ...],
    key: str,
    staff: Mapping[str, Actor],
    at: datetime,
    hosts: list[FoundHost] | None = None,
) -> AppCheck:
    """A check of a version of the app; its facts are stated, as no package is shipped."""
    sender = staff["manager"]
    provider = next(iter(partners("provider") or partners()), None)
    facts = AppFacts(
        sha256=sha256(version.encode()).hexdigest(),
        size=18_400_000,
        manifest=ManifestFacts(
            package=_PACKAGE,
            version=version,
            min_sdk=24,
            target_sdk=34,
            permissions=[
                RequestedPermission(f"android.permission.{permission}")
                for permission in permissions
            ],
            backup=False,
            components=[Component("activity", f"{_PACKAGE}.Main", exported=False)],
        ),
        code=CodeFacts(classes=2_140, packages=[_PACKAGE], hosts=hosts or []),
        signature=SignatureFacts(
            schemes=["v1", "v2", "v3"],
            signers=[
                Signer(
                    sha256=sha256(key.encode()).hexdigest(),
                    subject="CN=Star News",
                    algorithm="sha256",
                    key="rsa",
                    bits=2048,
                )
            ],
            digest="sha256",
        ),
    )
    row = AppCheck(
        ref=random_id("app", length=12),
        service=_LAUNCH,
        partner=provider.ref if provider else "",
        app_type=AppType.NEWS,
        file_name=f"starnews-{version}.apk",
        state=CheckState.WAITING,
        received_at=at,
        received_by=sender.ref,
    )
    return judge(row, facts, now=at)
