"""A file named on the command line that cannot be used is told in a sentence, before any harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from amends.operations.actions.rule_sets import record_rule_sets
from amends.people.subscribers.models import Subscriber
from amends.platform.cli.start import explain_path
from shell import amends


@pytest.mark.django_db
def test_where_the_pseudonyms_cannot_be_written_nobody_is_registered(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("key,phone\nk-1,13900010001\n", encoding="utf-8")
    out = tmp_path / "nowhere" / "keys.csv"
    done = amends("import", "subscribers", str(path), "--out", str(out))
    assert done.code == 2
    assert f"{out} cannot be read or written: No such file or directory." in done.err
    assert not Subscriber.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_checkpoint_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    record_rule_sets(now=timezone.now())
    done = amends("ledger", "checkpoint", f"--out={tmp_path / 'nowhere' / 'note'}")
    assert done.code == 2, done.err
    assert "cannot be read or written" in done.err


@pytest.mark.no_database
def test_a_file_nobody_named_stays_a_mistake_of_ours() -> None:
    gone = FileNotFoundError(2, "No such file or directory", "rules.toml")
    assert explain_path(gone, ["import", "facts", "a.csv"]) == ""
    assert explain_path(ValueError("a.csv"), ["a.csv"]) == ""
