"""Chapter of the demonstration: a partner's app that changed its certificate is stopped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from amends.casework.actions.add_note import add_note
from amends.kit.actors import Actor
from amends.kit.ids import random_id
from amends.partners.queries import partners
from amends.vetting.actions.judge import judge
from amends.vetting.choices import AppType, CheckState
from amends.vetting.models import AppCheck
from amends.vetting.rules.apk.facts import (
    AppFacts,
    CodeFacts,
    Component,
    FoundHost,
    ManifestFacts,
    RequestedPermission,
    SignatureFacts,
    Signer,
)

_PACKAGE = "com.example.starnews"
_LAUNCH = "launch-campus-49"
_NOTE = "已联系合作方：新版由外包团队打包。Asked the partner: a contractor built this version."


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
            permissions=[RequestedPermission(f"android.permission.{one}") for one in permissions],
            backup=False,
            components=[Component("activity", f"{_PACKAGE}.Main", exported=False)],
        ),
        code=CodeFacts(classes=2_140, packages=[_PACKAGE], hosts=hosts or []),
        signature=SignatureFacts(
            schemes=["v1", "v2", "v3"],
            signers=[
                Signer(sha256(key.encode()).hexdigest(), "CN=Star News", "sha256", "rsa", 2048)
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
