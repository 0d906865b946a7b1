"""The chapter of the demonstration opens on findings, a waiver and a divergence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.pages.conftest import colleague

from amends.causes.publicity.demonstration import play
from amends.causes.publicity.models import AcceptedPhrase, FoundFault, PublishedCopy, Waiver
from amends.causes.publicity.queries import channels, matrix
from amends.people.access.queries.staff import actor_of_user
from amends.record.catalogue.actions.publish_offers import NewOffer, publish_offers

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, tzinfo=UTC)
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


def test_the_chapter_has_findings_a_waiver_and_a_divergence() -> None:
    publish_offers(
        [
            NewOffer(
                "mob-59",
                "1",
                "mobile_plan",
                "畅享59",
                "Easy 59",
                5900,
                "CNY",
                BEFORE,
                allowance_mb=20_480,
            ),
            NewOffer(
                "bb-100",
                "1",
                "broadband",
                "百兆光纤",
                "Fibre 100",
                8900,
                "CNY",
                BEFORE,
                speed_down_kbps=100_000,
                contract_months=12,
                exit_fee_minor=20_000,
            ),
        ]
    )
    play(
        seed=1,
        now=NOW,
        staff={
            role: actor_of_user(colleague(role, role)) for role in ("manager", "senior_handler")
        },
    )
    stopped = PublishedCopy.objects.filter(state="draft")
    assert stopped.filter(findings__code="PRICE_MISMATCH").exists()
    assert stopped.filter(findings__code="QUOTA_MISSING").exists()
    assert PublishedCopy.objects.filter(state="live").count() >= 3
    assert Waiver.objects.exists()
    assert stopped.filter(version=2, earlier__number=1).exists()
    phrases = AcceptedPhrase.objects
    assert (phrases.count(), phrases.filter(accepted_at__isnull=False).count()) == (2, 1)
    assert FoundFault.objects.exists()
    assert any(row.differs for row in matrix(channels(), now=NOW + timedelta(hours=1)))
