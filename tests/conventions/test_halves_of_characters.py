"""Half of a character ("\\ud800") in a JSON file is refused in words: no database stores it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.pages.conftest import colleague
from tests.shell import amends

pytestmark = pytest.mark.django_db
HALF = "a\ud800b"
FLOW = {"id": HALF, "about": "caller", "reveals": "identity", "to": "requester"}


@pytest.mark.parametrize(
    ("words", "document"),
    [
        (("quality", "import-radio"), [{"code": "AB12-CD34-EF56", "cell": HALF}]),
        (("quality", "score"), [{"f": HALF}]),
        (("quality", "verdict", "--rule", "de-fixed@2021-12-13"), {"plan": {"technology": HALF}}),
        (("privacy", "review"), {"service": HALF, "purpose": "x", "flows": [FLOW]}),
        (("launches", "formula"), [{"f": HALF}]),
        (("launches", "assess"), {"case": [{"offer": HALF}]}),
        (("import", "complaints"), [{"id": "1", "text": HALF}]),
        (("import", "facts"), [{"kind": "ServiceOrdered", "subject": HALF}]),
        (("publicity", "register"), [{"id": "p1", "name": HALF, "price": 5, "currency": "CNY"}]),
        (("quality", "alarms"), [{"alarm": HALF, "at": "2026-11-20T10:00:00+08:00", "area": "n"}]),
        (("indicators", "import-bulletin"), [{"bulletin": HALF, "quarter": "2014Q4", "name": "x"}]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_it_is_refused(tmp_path: Path, words: tuple[str, ...], document: Any) -> None:
    file = tmp_path / "file.json"
    file.write_text(json.dumps(document), encoding="ascii")
    done = amends(*words, str(file), "--json")
    assert done.code in (1, 2), done.out
    assert json.loads(done.out or done.err.strip().splitlines()[-1])


def test_an_article_is_named(tmp_path: Path) -> None:
    colleague("wei.chen", "manager")
    file = tmp_path / "articles.json"
    rows = [{"id": 7, "locale": "en", "title": "Roaming", "body": HALF}]
    file.write_text(json.dumps({"articles": rows}), encoding="ascii")
    done = amends("knowledge", "import", str(file), "--by", "wei.chen", "--json")
    assert done.code == 1
    (rejected,) = done.document["rejects"]
    assert rejected["ref"] == "7"
