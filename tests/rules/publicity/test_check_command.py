"""`amends publicity check`: files in, the document of the contract out."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.rules.publicity.test_copies import ON
from tests.shell import amends

from amends.causes.publicity.queries.files import read_copies, read_offers
from amends.causes.publicity.queries.rulebook import rulebook_on
from amends.causes.publicity.rules.check import Checker
from amends.causes.publicity.rules.copies import Copy
from amends.record.facts.offers.key_facts import KeyFacts, key_facts_of

OFFERS = Path(__file__).parent / "offers.csv"
KEYS = {
    "copy",
    "offer",
    "code",
    "severity",
    "field",
    "said",
    "is",
    "start",
    "end",
    "rule",
    "title",
    "instead",
}


def _run(tmp_path: Path, rows: list[dict[str, Any]], offers: Path = OFFERS) -> tuple[int, Any]:
    file = tmp_path / "copies.json"
    file.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    done = amends(
        "publicity", "check", str(file), "--offers", str(offers), "--on", "2026-11-29", "--json"
    )
    return done.code, json.loads(done.out) if done.out else done.err


def test_the_document_points_at_the_words_as_published(tmp_path: Path) -> None:
    text = "<b>月费</b>４９元，３０ＧＢ流量。"
    code, document = _run(tmp_path, [{"copy": "a", "offer": "cn-59", "text": text}])
    assert code == 1
    (one,) = document["findings"]
    assert set(one) == KEYS
    assert (one["code"], one["severity"], one["rule"]) == ("PRICE_MISMATCH", "block", "cn.n1.price")
    assert "４９元" in one["said"]
    assert one["title"]["en"] == "Price differs from the record"
    assert one["instead"] == "59元/月"
    assert text[one["start"] : one["end"]] == one["said"]
    assert (document["copies"], document["offers"], document["blocked"]) == (1, 18, ["a"])


def test_bad_rows_are_refused_and_the_rest_is_checked(tmp_path: Path) -> None:
    offers = tmp_path / "offers.csv"
    offers.write_text(
        "id,name,price,currency,sale_to\n1,One,10,GBP,\n2,Two,=1+1,GBP,\n3,Three,5,GBP,\n3,Three,6,GBP,\n"
        "4,Four,,GBP,\n5,Five,5,GBP,2026-02-30\n",
        encoding="utf-8",
    )
    code, document = _run(
        tmp_path,
        [
            {"copy": "a", "offer": "1", "text": "One: $10 a month."},
            {"copy": "b", "offer": "3", "text": "Three: £5 a month."},
            {"copy": "c", "offer": "4", "text": "Four: £5 a month."},
            {"copy": "d", "offer": "1", "text": "£10. " * 20_000},
            {"copy": "e", "offer": "1", "text": "One £10 a month", "on": "2026-02-30"},
        ],
        offers,
    )
    assert code == 0
    assert {(one["copy"], one["severity"]) for one in document["findings"]} == {
        (name, "unsure") for name in "abcd"
    }
    assert len(document["rejects"]) == 5


def test_tmf620_offers_are_read(tmp_path: Path) -> None:
    price = {
        "priceType": "recurring",
        "recurringChargePeriodType": "month",
        "price": {"unit": "GBP", "value": 28},
    }
    item = {
        "@type": "ProductOffering",
        "id": "f",
        "name": "Fibre 100",
        "validFor": {"endDateTime": "2026-12-31T00:00:00Z"},
        "productOfferingPrice": [price],
        "productOfferingTerm": [{"duration": {"amount": 2, "units": "year"}}],
        "prodSpecCharValueUse": [
            {"name": "down_nominal_mbps", "productSpecCharacteristicValue": [{"value": 100}]}
        ],
    }
    file = tmp_path / "offers.json"
    file.write_text(json.dumps([item]))
    (offer,), rejects = read_offers(file)
    assert not rejects
    assert (offer.price, offer.currency, offer.contract_months) == (28, "GBP", 24)
    assert (offer.down_nominal_mbps, str(offer.sale_to)) == (100, "2026-12-31")


def test_channels_that_differ_where_no_record_decides() -> None:
    copies = [
        Copy("w", "只要39元/月。", "new", "web"),
        Copy("s", "每月仅29元。", "new", "sms"),
    ]
    found = Checker([KeyFacts("new", price=None)], rulebook_on(ON)).check_all(copies, on=ON)
    assert [[one.code for one in found[name] if one.severity == "block"] for name in "ws"] == [
        ["CHANNEL_DIVERGENCE"],
        ["CHANNEL_DIVERGENCE"],
    ]


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "1",
        "<",
        "一",
        "£1 ",
        "每",
        "㍿",
        "送",
        "第1",
        "59元/月，",
        "up to 5GB ",
        "best ",
        "1.1.",
    ],
)
def test_hostile_texts_take_time_in_proportion_to_their_length(unit: str) -> None:
    offer = key_facts_of({"id": "1", "name": "x y 1", "price": "5", "contract_months": "12"})
    checker = Checker([offer], rulebook_on(ON))
    checker.check(Copy("a", "£5", "1"), on=ON)

    def seconds(length: int) -> float:
        """Of processor, the best of three: another process on the same core makes one run slower."""
        text = (unit * length)[:length]
        runs = []
        for _ in range(3):
            began = time.process_time()
            checker.check(Copy("a", text, "1"), on=ON)
            runs.append(time.process_time() - began)
        return min(runs)

    assert seconds(5_000) < 5 * max(seconds(2_000), 0.01)
    assert seconds(20_000) < 0.1


def test_copies_in_csv(tmp_path: Path) -> None:
    file = tmp_path / "copies.csv"
    file.write_text("copy,text,on\na,Hello,2026-01-02\nb,,\n", encoding="utf-8")
    copies, rejects = read_copies(file)
    assert [(one.id, str(one.on)) for one in copies] == [("a", "2026-01-02")]
    assert [one.line for one in rejects] == [3]
