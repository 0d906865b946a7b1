"""Put on record which rules are in use: one `RuleSetActivated` fact for each dated file.

A decision cites its rules by version; the fact fixes by hash what that version said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import transaction

from amends.facts.fact import Fact
from amends.kit.packs import RuleFile, load_version, names, versions
from amends.ledger.actions.append import append
from amends.ledger.queries import known_ids
from amends.registry import rule_sets

# Words the classifier starts from: no rule, and known by the model's own version.
_NO_RULES = {"seed-phrases"}


def record_rule_sets(*, now: datetime) -> list[str]:
    """Append the facts of rule files that are not on record yet; returns their versions."""
    facts = {_id(app, file): _fact(app, file) for app, file in _files()}
    known = known_ids(facts)
    fresh = [fact for ref, fact in facts.items() if ref not in known]
    with transaction.atomic():
        append(fresh, now=now)
    return sorted(str(fact.payload["rules"]) for fact in fresh)


def _files() -> Iterator[tuple[str, RuleFile]]:
    for app in sorted(rule_sets()):
        for name in set(names(app)) - _NO_RULES:
            for day in versions(app, name):
                yield app, load_version(app, name, day)


def _id(app: str, file: RuleFile) -> str:
    return hashlib.sha256(f"{app}/{file.version}/{file.sha256}".encode()).hexdigest()[:32]


def _fact(app: str, file: RuleFile) -> Fact:
    return Fact(
        "RuleSetActivated",
        "",
        file.version,
        datetime.combine(file.effective_from, datetime.min.time(), tzinfo=UTC),
        "rules",
        {
            "rules": f"{app.removeprefix('amends.')}/{file.version}",
            "effective_from": file.effective_from.isoformat(),
            "sha256": file.sha256,
        },
        id=_id(app, file),
    )
