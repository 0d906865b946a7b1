"""Rules in use are on record once, by version and hash."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from amends.operations.actions.rule_sets import record_rule_sets
from amends.record.ledger.queries import facts_on

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.django_db
def test_every_rule_file_is_on_record_once() -> None:
    first = record_rule_sets(now=NOW)
    assert "decisions/deadlines-cn@2016-07-30" in first
    assert "remedies/approval@2000-01-01" in first
    assert record_rule_sets(now=NOW) == []
    (fact,) = facts_on(["deadlines-uk@2026-04-08"], kinds=["RuleSetActivated"])
    assert fact.payload["effective_from"] == "2026-04-08"
    assert len(str(fact.payload["sha256"])) == 64
