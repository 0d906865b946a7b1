"""Commands of the catalogue and of watched pages: what they record, say and end with."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.shell import amends

from amends.causes.publicity.models import WatchedPage
from amends.record.catalogue.models import Offer

pytestmark = pytest.mark.django_db
GOOD = "p59,畅享59,59,\n"
BAD = "bad,坏,9,[5]\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "offers.csv"
    path.write_text("id,name,price,latency_ms\n" + GOOD + BAD, encoding="utf-8")
    return path


def test_an_import_says_what_became_of_each_row(file: Path) -> None:
    done = amends("catalogue", "import", str(file), "--json")
    rejects = file.with_suffix(".rejects.csv")
    assert (done.code, done.err) == (0, "")
    assert done.document == {
        "read": 2,
        "accepted": 1,
        "duplicates": 0,
        "rejected": 1,
        "rejects_file": str(rejects),
        "notes": [],
    }
    assert "latency_ms" in rejects.read_text(encoding="utf-8")
    again = amends("catalogue", "import", str(file))
    assert str(rejects) in again.out
    assert Offer.objects.get().ref == "p59"


def test_an_import_of_which_nothing_can_be_used_is_refused_after_its_report(file: Path) -> None:
    file.write_text("id,name,price,latency_ms\n" + BAD, encoding="utf-8")
    done = amends("catalogue", "import", str(file), "--json")
    assert done.code == 2
    assert (done.document["read"], done.document["rejected"]) == (1, 1)
    assert "latency_ms" in done.err


def test_offers_are_registered_and_their_documents_written(file: Path, tmp_path: Path) -> None:
    done = amends("publicity", "register", str(file), "--json")
    assert (done.document["offers"], done.document["versions"]) == (1, 1)
    assert done.document["rejects"][0]["line"] == 3
    out = tmp_path / "sheet.csv"
    assert amends("catalogue", "sheet", "--out", str(out), "--json").document == {
        "file": str(out),
        "offers": 1,
    }
    assert "59" in out.read_text(encoding="utf-8")
    assert amends("catalogue", "sheet", "--out", str(out)).code == 2, "never over another file"
    pdf = tmp_path / "p59.pdf"
    assert amends("catalogue", "summary", "p59", "--out", str(pdf)).code == 0
    assert pdf.read_bytes().startswith(b"%PDF")
    assert amends("catalogue", "summary", "p60", "--out", str(tmp_path / "x.pdf")).code == 2


def test_a_page_is_watched_and_one_that_cannot_be_fetched_ends_with_1() -> None:
    address = "http://127.0.0.1:9/plan"
    done = amends("publicity", "watch", address, "--offer", "p59", "--json")
    assert done.document == {"url": address, "offer": "p59", "channel": "web"}
    assert amends("publicity", "watch", "no-address").code == 2
    done = amends("publicity", "fetch", "--json")
    assert (done.code, done.document) == (1, {"pages": 1, "new": 0, "failed": 1})
    assert WatchedPage.objects.get().error
