"""Files to billing and back, by clumsy hands: nothing is lost, nothing is booked that is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.shell import amends

from amends.platform.kit.actors import Actor
from amends.work.remedies.actions.approve import approve
from amends.work.remedies.actions.export import UnableToAcknowledge, acknowledge, export
from amends.work.remedies.actions.propose import Proposal, propose
from amends.work.remedies.models import Remedy

pytestmark = pytest.mark.postgres_too

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MANAGER = Actor("user", "usr-manager", ("manager",))


@pytest.fixture
def approved(db: None) -> list[str]:
    made = propose(
        [
            Proposal(
                cause=f"complaint:{name}",
                kind="refund",
                subscriber="person-1",
                service="svc-1",
                charge=f"chg-{name}",
                charge_minor=1000,
                amount_minor=600,
                rule="own",
                currency="CNY",
            )
            for name in "ab"
        ],
        by="amends",
        now=NOW,
    )
    approve([one.id for one in made], actor=MANAGER, now=NOW)
    return [one.id for one in made]


def _states() -> set[str]:
    return set(Remedy.objects.values_list("state", flat=True))


def test_a_file_that_cannot_be_written_marks_nothing(approved: list[str], tmp_path: Path) -> None:
    there = tmp_path / "there.csv"
    there.write_text("mine")
    for out in (tmp_path / "no" / "such" / "folder.csv", there, tmp_path):
        refused = amends("remedies", "export", "--out", str(out))
        assert refused.code == 2
        assert refused.err
    assert there.read_text() == "mine"
    assert _states() == {"approved"}


def test_an_export_that_got_lost_is_found_and_written_again(
    approved: list[str], tmp_path: Path
) -> None:
    number, _rows = export(now=NOW)
    (listed,) = amends("remedies", "exports", "--json").document["exports"]
    assert (listed["export"], listed["remedies"], listed["unbooked"]) == (number, 2, 2)
    out = tmp_path / "again.csv"
    said = amends("remedies", "export", "--out", str(out), "--again", number, "--json").document
    assert said == {"export": number, "remedies": 2, "file": str(out)}
    assert all(ref in out.read_text(encoding="utf-8") for ref in approved)
    assert out.stat().st_mode & 0o777 == 0o600

    acknowledge([(ref, f"B-{ref}") for ref in approved], now=NOW)
    assert amends("remedies", "exports", "--json").document == {"exports": []}
    none = tmp_path / "none.csv"
    assert amends("remedies", "export", "--out", str(none), "--again", "exp-unknown").code == 2
    assert "No remedy waits" in amends("remedies", "export", "--out", str(none)).out
    assert not none.exists()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("{a},B-1\n{b},", "has no booking number"),
        ("{a},B-1\n{b}, ", "has no booking number"),
        ("{a},B-1\n{a},B-2", "stands under two booking numbers"),
        ("{a},B-1\nsomething,B-2", "were never exported"),
        ("{a},B-1\n{b},B-2,more", "cannot be read"),
    ],
)
def test_an_answer_that_makes_no_sense_books_nothing(
    approved: list[str], tmp_path: Path, rows: str, said: str
) -> None:
    export(now=NOW)
    file = tmp_path / "booked.csv"
    file.write_text("remedy,booking\n" + rows.format(a=approved[0], b=approved[1]) + "\n")
    refused = amends("remedies", "acknowledge", str(file))
    assert refused.code == 2
    assert said in refused.err
    assert _states() == {"exported"}


def test_the_same_answer_twice_in_one_file_is_harmless(approved: list[str]) -> None:
    export(now=NOW)
    answers = [(approved[0], "B-1"), (approved[0], "B-1")]
    assert acknowledge(answers, now=NOW) == 1
    assert acknowledge(answers, now=NOW) == 0
    with pytest.raises(UnableToAcknowledge):
        acknowledge([(approved[1], "  ")], now=NOW)
