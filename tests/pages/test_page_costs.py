"""Each page of a demonstration stays within its budget of statements and bytes, and all pages
show one value of a figure.

A page over its budget is listed with what it needs today: that figure may only become smaller.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from amends.engines.stats.figures import FIGURES
from tests.pages.page_costs import PageCost
from tests.shell import run_amends

pytestmark = [pytest.mark.sqlite_only, pytest.mark.no_database]

SIZE, SEED, END = 300, 404, "2026-12-03T10:00:00+08:00"

STATEMENTS = {"desk/": 8, "desk/c/<str:ref>/": 25, "desk/day/": 12}
"""Route → statements; pages of the desk may need `DESK`, those of the public `PUBLIC`."""
DESK, PUBLIC = 20, 6
SIZES = {"desk/indicators/": 100_000}
"""Route → bytes with everything the page loads by itself; others may have `SIZE_LIMIT`."""
SIZE_LIMIT = 150_000

TOO_MANY_STATEMENTS: dict[str, int] = {
    "desk/c/<str:ref>/dialogs/": 32,
    "desk/coverage/notice/<str:key>/": 26,
    "desk/day/": 26,
    "desk/hotissues/<str:ref>/": 36,
    "desk/hotissues/<str:ref>/emergency/": 43,
    "desk/indicators/bulletin/": 50,
    "desk/network/incidents/": 21,
    "desk/network/incidents/<int:number>/": 21,
    "desk/operation/": 41,
    "services/": 8,
    "services/<str:ref>/": 8,
}
"""Pages over their budget: route → statements of the dearest one."""
VARIES_BY = 3
"""Statements by which these pages vary with the time and with the object that is opened."""
TOO_LARGE: dict[str, int] = {
    "desk/indicators/bulletin/": 164,
    "desk/network/areas/<str:code>/why/": 310,
}
"""Pages over their budget: route → bytes of the largest one, in thousands."""
FIGURES_SHOWN = {
    "complaints.operator",
    "complaints.count",
    "hotissue.affected",
    "hotissue.complained",
    "incident.affected",
    "incident.duration",
    "partner.component",
}
"""Ids that the pages of every demonstration show."""


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `tests.pages.page_costs` reads of a demonstration that is made here."""
    folder = tmp_path_factory.mktemp("demonstration")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AMENDS_")}
    environment = kept | {
        "AMENDS_DATA_DIR": str(folder),
        "AMENDS_TESTING": "yes",
        "AMENDS_REQUIRE_MFA": "no",
        "AMENDS_PACK": "cn",
        "AMENDS_SEMANTIC": "no",
        "DJANGO_SETTINGS_MODULE": "amends.site.settings",
    }
    words = ["demo", "--once", "--json", "--size", SIZE, "--seed", SEED, "--end", END]
    demonstration = run_amends(words, environment)
    assert demonstration.returncode == 0, demonstration.stderr
    done = subprocess.run(
        [sys.executable, "-m", "tests.pages.page_costs"],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pages: dict[str, Any] = json.loads(done.stdout)
    return pages


@pytest.fixture(scope="module")
def costs(crawl: dict[str, Any]) -> dict[str, list[PageCost]]:
    """Route → what it costs each reader."""
    return {
        route: [PageCost(**cost) for cost in by_reader.values()]
        for route, by_reader in crawl["costs"].items()
    }


def _budget(route: str) -> int:
    return STATEMENTS.get(route, DESK if route.startswith("desk/") else PUBLIC)


def test_pages_keep_their_budget_of_statements(costs: dict[str, list[PageCost]]) -> None:
    assert len(costs) > 120, "the crawl reads few pages"
    measured = {
        route: max(pages, key=lambda page: page.statements) for route, pages in costs.items()
    }
    over = {
        f"{route} ({page.address})": page.statements
        for route, page in measured.items()
        if page.statements > TOO_MANY_STATEMENTS.get(route, _budget(route) - VARIES_BY) + VARIES_BY
    }
    assert not over, "read the parts of a page in one round, or load them when they are opened"


def test_pages_keep_their_budget_of_bytes(costs: dict[str, list[PageCost]]) -> None:
    measured = {route: max(page.size for page in pages) for route, pages in costs.items()}
    over = {
        route: size
        for route, size in measured.items()
        if size > 1_000 * TOO_LARGE.get(route, SIZES.get(route, SIZE_LIMIT) // 1_000)
    }
    assert not over, "show pages of a list, or load sections when they are opened"
    lower = {
        route: size
        for route, limit in TOO_LARGE.items()
        if (size := measured.get(route)) is not None and size < 900 * limit
    }
    assert not lower, "these are smaller now: lower their figures, or remove them"


def test_a_figure_has_one_value_and_one_interval_on_all_pages(crawl: dict[str, Any]) -> None:
    figures: dict[str, dict[str, str]] = crawl["figures"]
    ids = {figure.split()[0] for figure in figures}
    assert ids >= FIGURES_SHOWN, "these are on no page"
    assert ids <= FIGURES.keys()
    differing = {figure: shown for figure, shown in figures.items() if len(shown) > 1}
    assert not differing, "read the figure from one query on all pages"
