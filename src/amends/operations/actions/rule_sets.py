"""Put on record which rules are in use: one `RuleSetActivated` fact for each dated file.

A decision cites its rules by version; the fact fixes by hash what that version said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import transaction

from amends.platform.kit.packs import RuleFile, load_version, names, versions
from amends.platform.registry import rule_sets
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import known_ids

# Words the classifier starts from: no rule, and known by the model's own version.
_NO_RULES = {"seed-phrases"}


def record_rule_sets(*, now: datetime) -> list[str]:
    """Append the facts of rule files that are not on record yet; returns their versions."""
    facts = {_id(app, file): _fact(app, file) for app, file in _files()}
    stored_refs = known_ids(facts)
    fresh = [fact for ref, fact in facts.items() if ref not in stored_refs]
    with transaction.atomic():
        append(fresh, now=now)
    return sorted(str(fact.payload["rules"]) for fact in fresh)


def _files() -> Iterator[tuple[str, RuleFile]]:
    for app in sorted(rule_sets()):
        for name in set(names(app)) - _NO_RULES:
            for day in versions(app, name):
                yield app, load_version(app, name, day)


def _label(package: str) -> str:
    return package.rpartition(".")[2]


def _id(app: str, file: RuleFile) -> str:
    # Without the group: facts of earlier releases were recorded under these names.
    named = f"amends.{_label(app)}/{file.version}/{file.sha256}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def _fact(app: str, file: RuleFile) -> Fact:
    return Fact(
        kind="RuleSetActivated",
        subscriber="",
        subject=file.version,
        happened_at=datetime.combine(file.effective_from, datetime.min.time(), tzinfo=UTC),
        source="rules",
        payload={
            "rules": f"{_label(app)}/{file.version}",
            "effective_from": file.effective_from.isoformat(),
            "sha256": file.sha256,
        },
        id=_id(app, file),
    )
