"""Register partners, sign and end contracts, impose and lift sanctions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from amends.people.partners.actions.contract import (
    UnableToEndContract,
    UnableToSignContract,
    end_contract,
    sign_contract,
)
from amends.people.partners.actions.register import UnableToRegisterPartner, register_partners
from amends.people.partners.actions.sanction import UnableToSanction, impose, lift
from amends.people.partners.queries import (
    PartnerView,
    contract_valid,
    partner,
    partner_status,
    partners,
    roles,
    sanctions,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _partner() -> None:
    register_partners([PartnerView("par-a", "agent", "甲代理", "Agent A")])


def test_partners_are_listed_and_renamed() -> None:
    register_partners(
        [PartnerView("par-a", "agent", "甲", "A"), PartnerView("par-b", "provider", "乙", "B")]
    )
    assert [one.ref for one in partners()] == ["par-a", "par-b"]
    assert [one.ref for one in partners("provider")] == ["par-b"]
    found = partner("par-a")
    assert found is not None
    assert found.name_zh == "甲"
    assert partner("par-x") is None
    with pytest.raises(UnableToRegisterPartner):
        register_partners([PartnerView("par-c", "friend", "丙", "C")])


def test_a_contract_gives_roles_for_its_period_only() -> None:
    ref = sign_contract("par-a", roles=("sales",), valid_from=NOW, valid_to=NOW + 10 * DAY)
    assert not contract_valid("par-a", NOW - DAY)
    assert roles("par-a", NOW) == ("sales",)
    assert not contract_valid("par-a", NOW + 10 * DAY)
    end_contract(ref, at=NOW + DAY)
    assert not contract_valid("par-a", NOW + 2 * DAY)
    with pytest.raises(UnableToEndContract):
        end_contract(ref, at=NOW + 3 * DAY)


@pytest.mark.parametrize(
    "terms",
    [
        {"partner": "par-x", "roles": ("sales",), "valid_from": NOW},
        {"partner": "par-a", "roles": (), "valid_from": NOW},
        {"partner": "par-a", "roles": ("sales",), "valid_from": NOW, "valid_to": NOW},
    ],
)
def test_impossible_contracts_are_refused(terms: dict[str, object]) -> None:
    with pytest.raises(UnableToSignContract):
        sign_contract(str(terms.pop("partner")), **terms)  # type: ignore[arg-type]


def test_a_reference_is_used_once() -> None:
    sign_contract("par-a", roles=("sales",), valid_from=NOW, ref="con-1")
    with pytest.raises(UnableToSignContract):
        sign_contract("par-a", roles=("sales",), valid_from=NOW, ref="con-1")


def test_a_suspension_stops_the_partner_until_it_is_lifted() -> None:
    sign_contract("par-a", roles=("sales",), valid_from=NOW - DAY)
    ref = impose("par-a", kind="suspension", reason="泄露用户信息", now=NOW, until=NOW + 30 * DAY)
    assert partner_status("par-a", NOW).reason == "suspension"
    lift(ref, now=NOW + DAY)
    assert contract_valid("par-a", NOW + 2 * DAY)
    assert not contract_valid("par-a", NOW + DAY / 2)
    assert [one.reason for one in sanctions("par-a")] == ["泄露用户信息"]
    with pytest.raises(UnableToSanction):
        lift(ref, now=NOW + 2 * DAY)


@pytest.mark.parametrize(
    ("ref", "kind", "reason"),
    [("par-x", "fine", "r"), ("par-a", "shame", "r"), ("par-a", "fine", " ")],
)
def test_impossible_sanctions_are_refused(ref: str, kind: str, reason: str) -> None:
    with pytest.raises(UnableToSanction):
        impose(ref, kind=kind, reason=reason, now=NOW)
