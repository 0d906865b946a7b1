"""Every released schema comes to the newest with its data, on both databases, and steps back."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from amends.site.releases import UnableToStepBack, known_releases, migrated_by
from tests.actions.site.test_backups import House

OWN = {"django_migrations", "sqlite_sequence"}
HERE = Path(__file__).parent
ENGINE = "postgresql" if os.environ.get("AMENDS_DATABASE_URL") else "sqlite"


def _frozen(version: str, end: str) -> Path:
    return HERE / f"{version}-{ENGINE}.{end}"


def _tables(house: House) -> dict[str, int]:
    """Rows of each table, so that none is lost on the way."""
    if house.url:
        import psycopg

        with psycopg.connect(house.url) as line:
            names = line.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            return {
                str(name): line.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # type: ignore[index]
                for (name,) in names
            }
    with closing(sqlite3.connect(house.folder / "amends.sqlite3")) as file:
        names = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: file.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names
        }


def test_every_release_is_frozen_on_both_databases() -> None:
    for version in known_releases():
        for engine in ("sqlite", "postgresql"):
            assert (HERE / f"{version}-{engine}.backup").exists(), version
        assert migrated_by(version)["complaints"]
    with pytest.raises(UnableToStepBack, match=r"0\.1\.0"):
        migrated_by("0.0.9")


@pytest.mark.parametrize("version", known_releases())
def test_a_release_comes_to_the_newest_and_back_with_its_data(
    version: str, tmp_path: Path, new_database_url: Callable[[], str]
) -> None:
    house = House(tmp_path / "house", new_database_url())
    up = house.amends("restore", _frozen(version, "backup"))
    assert up.returncode == 0, up.stderr
    person = json.loads(_frozen(version, "json").read_text())["pseudonym"]
    _is_whole(house, version, person)
    rows = _tables(house)

    back = house.amends("migrate", "--to", version)
    assert back.returncode == 0, back.stderr
    after = _tables(house)
    kept = {name: count for name, count in after.items() if name not in OWN}
    assert all(rows[name] == count for name, count in kept.items()), "no row went on the way back"
    assert set(rows) - set(after), "there was something to undo"

    again = house.amends("migrate")
    assert again.returncode == 0, again.stderr
    _is_whole(house, version, person)


def _is_whole(house: House, version: str, person: str) -> None:
    witness = _frozen(version, "checkpoint")
    verified = house.amends("ledger", "verify", "--deep", "--against", witness, "--json")
    assert json.loads(verified.stdout)["ok"], verified.stdout
    found = json.loads(house.worker("look", person))
    assert found["phone"] == "13912345670"
    assert found["numbers"] == list(range(5))
    assert {f"bill {number}" for number in range(5)} <= set(found["files"])
    checked = house.amends("operation", "show", "--json")
    readings = json.loads(checked.stdout)["readings"]
    assert next(one["value"] for one in readings if one["name"] == "amends_guards_missing") == 0


def test_an_unknown_release_is_refused(tmp_path: Path, new_database_url: Callable[[], str]) -> None:
    house = House(tmp_path / "house", new_database_url())
    done = house.amends("migrate", "--to", "0.0.9")
    assert done.returncode == 2
    assert "0.1.0" in done.stderr
