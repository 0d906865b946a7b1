"""Speed tests on record: signed, counted once, and attached to the complaint that names them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from amends.cases.complaints.models import Complaint
from amends.entrances.portals.jobs.receive_sent import receive_sent
from amends.network.measurement.signing import UnableToVerify, sign, verify
from amends.network.quality.actions.attach_to_complaint import attach_to_complaint
from amends.network.quality.actions.locate import UnableToLocate, locate, shared_secret
from amends.network.quality.actions.record import (
    NewTest,
    UnableToRecordTest,
    UnableToRecordTwice,
    record,
)
from amends.network.quality.actions.start_campaign import own_address, start_campaign
from amends.network.quality.demonstration import play
from amends.network.quality.models import Campaign, SpeedTest
from amends.network.quality.queries import codes_named_in
from amends.people.access.actions.add_user import add_user
from amends.people.access.web.limits import MEASURING
from amends.record.catalogue.actions.define_areas import define_areas
from amends.record.catalogue.queries import AreaView
from amends.record.ledger.models import SingleFact

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setenv("AMENDS_SPEED_SECRET_FILE", str(tmp_path / "speed.key"))
    settings.SPEED_URL = "wss://measure.example:4443"


def signed(direction: str, *, test: str = "spd-1", mbps: float = 24, **changes: Any) -> str:
    """A result as a measurement server signs it."""
    figures = {
        "test": test,
        "direction": direction,
        "server": "pop1",
        "at": NOW.isoformat(),
        "stream": 0,
        "streams": 1,
        "bytes": round(mbps * 1e7 / 8),
        "elapsed_us": 10_000_000,
        "min_rtt_us": 9_000,
        "rtt_us": 20_000,
        "retransmitted": 0,
        "others": 0,
        "zeros": False,
    }
    return sign("result", figures | changes, secret=shared_secret())


def both(**changes: Any) -> list[str]:
    return [signed("download", **changes), signed("upload", **{"mbps": 6, **changes})]


def test_a_test_is_kept_with_its_figures_and_stated_as_a_fact() -> None:
    row = record(NewTest(both(), loaded_ms=[60.0] * 20, conditions={"promised": 50}), now=NOW)
    assert (row.down_kbps, row.up_kbps, row.min_rtt_us) == (24_000, 6_000, 9_000)
    assert (row.rpm, row.promised_down_kbps, row.valid) == (1000, 50_000, True)
    fact = SingleFact.objects.get(kind="SpeedMeasured")
    assert json.loads(bytes(fact.canonical))["payload"]["down_kbps"] == 24_000


def parallel(streams: int = 4, **changes: Any) -> list[str]:
    """The results of a test of several streams: a download and an upload of each in turn."""
    return [
        text
        for stream in range(streams)
        for text in both(stream=stream, streams=streams, **changes)
    ]


def test_streams_in_parallel_are_added_up() -> None:
    row = record(NewTest(parallel(2)), now=NOW)
    assert (row.method, row.down_kbps, row.valid) == ("ndt7 x2", 48_000, True)


@pytest.mark.parametrize(
    ("kept", "because", "down_kbps"),
    [
        (lambda results: results[:2], ["incomplete"], 24_000),
        (lambda results: results[:2] * 4, ["incomplete", "repeated"], 24_000),
        (lambda results: [*results, results[0]], ["repeated"], 96_000),
        (lambda results: results[1:], ["incomplete"], 72_000),
        (lambda results: results[::2], ["no_upload", "incomplete"], 96_000),
    ],
)
def test_a_test_counts_as_a_whole(kept: Any, because: list[str], down_kbps: int) -> None:
    row = record(NewTest(kept(parallel())), now=NOW)
    assert (row.method, row.invalid_because) == ("ndt7 x4", because)
    assert row.down_kbps == down_kbps, "each stream is added up once"


def test_streams_one_after_another_are_not_added_up() -> None:
    """Each of them had the whole line."""
    results = [
        signed(
            direction,
            stream=stream,
            streams=2,
            at=(NOW + timedelta(seconds=10 * stream)).isoformat(),
        )
        for stream in (0, 1)
        for direction in ("download", "upload")
    ]
    assert record(NewTest(results), now=NOW).down_kbps == 24_000


def test_every_result_is_signed_or_all_are_refused() -> None:
    with pytest.raises(UnableToRecordTest, match="at most 16"):
        record(NewTest([*parallel(8), "words of mine"]), now=NOW)
    with pytest.raises(UnableToVerify):
        record(NewTest([*both(), both()[0] + "\n"]), now=NOW)
    assert SpeedTest.objects.count() == 0


def test_results_of_an_older_measurement_server_are_refused_in_words() -> None:
    figures = {"test": "spd-1", "direction": "download", "server": "pop1", "at": NOW.isoformat()}
    old = sign("result", figures, secret=shared_secret())
    with pytest.raises(UnableToRecordTest, match="older than this installation"):
        record(NewTest([old]), now=NOW)


@pytest.mark.parametrize(
    ("changes", "conditions", "because"),
    [
        ({"others": 1}, {}, ["server_loaded"]),
        ({"zeros": True}, {}, ["zeros"]),
        ({"outside": True}, {}, ["other_network"]),
        ({"elapsed_us": 5_000_000}, {}, ["short"]),
        ({"bytes": 0}, {}, ["no_download", "no_upload"]),
        ({"bytes": 10**15}, {}, ["absurd"]),
        ({}, {"wired": False, "vpn": True}, ["not_wired", "vpn"]),
        ({}, {"other_traffic": True, "clock_skew_s": -90}, ["other_traffic", "clock_skew"]),
    ],
)
def test_a_test_that_does_not_count_is_kept_with_the_reason(
    changes: dict[str, Any], conditions: dict[str, Any], because: list[str]
) -> None:
    row = record(NewTest(both(**changes), conditions=conditions), now=NOW)
    assert row.invalid_because == because


def test_a_test_is_recorded_once() -> None:
    record(NewTest(both()), now=NOW)
    with pytest.raises(UnableToRecordTwice):
        record(NewTest(both()), now=NOW)
    assert SpeedTest.objects.count() == 1


@pytest.mark.parametrize(
    "results",
    [
        lambda: [signed("download"), signed("upload", server="pop2")],
        lambda: [signed("download"), signed("upload", test="spd-2")],
        lambda: both(at=(NOW - timedelta(days=2)).isoformat()),
        list,
    ],
)
def test_what_is_not_one_recent_test_is_refused(results: Any) -> None:
    with pytest.raises(UnableToRecordTest):
        record(NewTest(results()), now=NOW)


def test_a_result_signed_by_another_server_is_refused() -> None:
    foreign = sign("result", {"test": "spd-1"}, secret=b"x" * 32)
    with pytest.raises(UnableToVerify):
        record(NewTest([foreign, signed("upload")]), now=NOW)


def test_a_locate_answer_has_a_token_for_each_address_of_one_test(settings: Any) -> None:
    found = locate(streams=2, now=NOW)
    tokens = [
        verify("token", parse_qs(urlsplit(url).query)["access_token"][0], secret=shared_secret())
        for one in found["results"]
        for url in one["urls"].values()
    ]
    assert len({one["id"] for one in tokens}) == 5, "a test has one control socket"
    streams = {(one["path"], one["stream"], one["streams"]) for one in tokens}
    assert len(streams) == 5
    assert {count for _path, _stream, count in streams} == {2}
    assert len({one["test"] for one in tokens}) == 1
    assert set(found["results"][0]["urls"]) >= {
        "wss:///ndt/v7/download",
        "wss:///ndt/v7/upload",
    }
    settings.SPEED_URL = ""
    with pytest.raises(UnableToLocate):
        locate(streams=1, now=NOW)


def test_the_page_of_a_test_leads_to_a_complaint_that_has_it_attached(client: Client) -> None:
    results = both(at=timezone.now().isoformat())
    body = {"results": results, "conditions": {"promised": 50}}
    client.post("/speed/results/", body, content_type="application/json")
    row = SpeedTest.objects.get()
    page = client.get(f"/speed/results/{row.code}/", headers={"accept-language": "en"})
    assert "48% of the 50 Mbit/s" in page.content.decode()
    address = f"/complain/?speed={row.code}"
    form = client.get(address, headers={"accept-language": "en"})
    assert f"Speed test {row.code}" in form.content.decode()
    client.post(address, {"text": "晚上看视频一直转圈，太慢了。", "wanted": ""})
    client.post("/complain/about/", {"about": ""})
    client.post("/complain/reach/", {})
    client.post("/complain/check/", {})
    receive_sent(now=timezone.now())
    row.refresh_from_db()
    complaint = Complaint.objects.get()
    assert row.complaint == complaint.id
    assert [str(subject) for subject in complaint.subjects.all()] == [f"test:{row.code}"]


def test_a_speed_test_removed_in_the_form_is_no_part_of_the_complaint(client: Client) -> None:
    body = {"results": both(at=timezone.now().isoformat()), "conditions": {"promised": 50}}
    client.post("/speed/results/", body, content_type="application/json")
    row = SpeedTest.objects.get()
    answer = client.post(
        f"/complain/?speed={row.code}",
        {"text": "太慢了，请处理。", "remove_subject": f"test:{row.code}"},
        headers={"accept-language": "en"},
        follow=True,
    )
    assert answer.redirect_chain == [("/complain/#subjects", 302)]
    assert "太慢了，请处理。" in answer.content.decode()
    assert row.code not in answer.content.decode()
    client.post("/complain/", {"text": "太慢了，请处理。", "wanted": ""})
    client.post("/complain/about/", {"about": ""})
    client.post("/complain/reach/", {})
    client.post("/complain/check/", {})
    receive_sent(now=timezone.now())
    row.refresh_from_db()
    assert row.complaint == ""
    assert not Complaint.objects.get().subjects.exists()


@pytest.mark.parametrize("text", ["测速编号{}太慢", "（{}）", "Test {}, slow", "ＮＯ{}号"])
def test_codes_are_recognised_next_to_chinese_characters(text: str) -> None:
    row = record(NewTest(both(), loaded_ms=[60.0] * 20, conditions={}), now=NOW)
    assert codes_named_in(text.format(row.code)) == [row.code]
    assert codes_named_in(f"A{row.code}") == []


def complain_naming(client: Client, code: str) -> Complaint:
    """File a complaint that names a code of a speed test."""
    before = set(Complaint.objects.values_list("id", flat=True))
    client.post("/complain/", {"text": f"宽带太慢，测速编号 {code}。", "wanted": ""})
    client.post("/complain/about/", {"about": ""})
    client.post("/complain/reach/", {})
    client.post("/complain/check/", {})
    receive_sent(now=timezone.now())
    return Complaint.objects.exclude(id__in=before).get()


def test_a_code_shows_a_series_and_only_who_made_it_takes_it_into_a_complaint() -> None:
    owner, thief = Client(), Client()
    owner.post("/speed/campaigns/", {"down_max_mbps": "100"})
    series = Campaign.objects.get()

    def measure(client: Client, test: str) -> SpeedTest:
        results = both(test=test, at=timezone.now().isoformat())
        body = {"results": results, "campaign": series.code}
        answer = client.post("/speed/results/", body, content_type="application/json")
        return SpeedTest.objects.get(code=answer.json()["code"])

    first = measure(owner, "spd-1")
    for code in (first.code, series.code):
        assert client_may_look(thief, code)
        complain_naming(thief, code)
        first.refresh_from_db()
        assert first.complaint == ""
    assert measure(thief, "spd-2").campaign is None, "nobody adds to the series of others"
    assert measure(owner, "spd-3").complaint == ""
    own = complain_naming(owner, first.code)
    assert {one.complaint for one in series.tests.all()} == {own.id}
    assert measure(owner, "spd-4").complaint == own.id
    complain_naming(thief, first.code)
    assert {one.complaint for one in series.tests.all()} == {own.id}

    page = owner.get(f"/speed/campaigns/{series.code}/").content.decode()
    hidden = thief.get(f"/speed/campaigns/{series.code}/").content.decode()
    address = own_address(series)
    assert (address in page, address in hidden) == (True, False)
    tablet = Client()
    assert tablet.get(urlsplit(address).path).status_code == 302
    assert measure(tablet, "spd-5").campaign == series
    assert thief.get(f"/speed/campaigns/{series.code}/own/guess/").status_code == 404


def client_may_look(client: Client, code: str) -> bool:
    addresses = (f"/speed/results/{code}/", f"/speed/campaigns/{code}/")
    return any(client.get(address).status_code == 200 for address in addresses)


HOSTILE = {
    "nothing": b"",
    "list": b"[]",
    "number": b'{"results": 5}',
    "empty": b'{"results": []}',
    "unsigned": b'{"results": ["x"]}',
    "not utf-8": b'{"results": ["\xff"]}',
    "brackets": b"[" * 60_000,
    "objects": b'{"a":' * 15_000,
    "digits": b'{"results": ["x"], "loaded_ms": [' + b"9" * 400 + b"]}",
    "exponent": b'{"results": ["x"], "conditions": {"promised": 1e999}}',
    "nan": b'{"results": ["x"], "conditions": {"cpu_share": NaN}}',
    "infinity": b'{"results": ["x"], "loaded_ms": [-Infinity]}',
    "surrogate": b'{"results": ["x"], "conditions": {"network": "\\ud800"}}',
    "NUL": b'{"results": ["x"], "area": "\\u0000"}',
    "key": b'{"results": ["x"], "radio": {"\\udfff": 1}}',
}


@pytest.mark.postgres_too
@pytest.mark.parametrize("name", list(HOSTILE))
def test_what_is_handed_in_and_is_no_result_is_refused_with_a_sentence(
    client: Client, name: str
) -> None:
    body = HOSTILE[name]
    if b'["x"]' in body and name != "unsigned":
        # With results that are right, so that what is beside them is read.
        body = body.replace(b'["x"]', json.dumps(both(at=timezone.now().isoformat())).encode())
    answer = client.post("/speed/results/", body, content_type="application/json")
    assert answer.status_code == (409 if name == "unsigned" else 400), answer.content
    assert answer.json()["what"]
    assert SpeedTest.objects.count() == 0


def test_results_and_tokens_are_limited_for_each_address(client: Client) -> None:
    for _ in range(MEASURING.times):
        client.get("/speed/locate/")
    for answer in (
        client.get("/speed/locate/"),
        client.post("/speed/results/", "{}", content_type="application/json"),
    ):
        assert answer.status_code == 429
        assert answer.json()["error"] == "too_many_requests"
        assert int(answer["Retry-After"]) > 0
    assert client.get("/speed/locate/", REMOTE_ADDR="198.51.100.7").status_code != 429


def test_the_demonstration_has_tests_that_count_and_others() -> None:
    play(seed=2026, now=NOW, staff={})
    counted = SpeedTest.objects.filter(invalid_because=[]).count()
    assert 40 < SpeedTest.objects.count() <= 46
    assert 25 <= counted < SpeedTest.objects.count()


def test_the_desk_lists_tests_with_what_does_not_count(client: Client) -> None:
    play(seed=2026, now=NOW, staff={})
    add_user("li", password="a long password for tests", roles=["handler"])
    client.login(username="li", password="a long password for tests")
    page = client.get("/desk/speed-tests/", headers={"accept-language": "en"}).content.decode()
    assert f"{SpeedTest.objects.count()} tests" in page
    assert "it did not run over a cable" in page or "it went through a VPN" in page


def test_a_later_test_of_a_series_goes_to_the_complaint_the_series_is_attached_to() -> None:
    series = start_campaign(
        "cn@2013-09-01", {"down_max_mbps": 50.0}, language="en", recipient="", now=NOW
    )
    first = record(NewTest(both(), campaign=series.code), now=NOW)
    assert attach_to_complaint(series.code, complaint="c-1", own=[series.code])
    later = record(NewTest(both(test="spd-2"), campaign=series.code), now=NOW)
    assert [first.promised_down_kbps, later.complaint] == [50_000, "c-1"]


def test_an_area_is_kept_where_there_is_one_and_says_what_is_typical_there(client: Client) -> None:
    define_areas([AreaView("north", "北区", "North", "", "11", 100)])
    rows = [
        record(
            NewTest(both(test=f"spd-{n}", mbps=20 + n), area=area, conditions={"promised": 50}),
            now=NOW,
        )
        for n, area in enumerate(["north"] * 6 + ["nowhere"])
    ]
    assert [rows[0].area, rows[-1].area] == ["north", ""]
    page = client.get(f"/speed/results/{rows[5].code}/", headers={"accept-language": "en"})
    assert "in your area typically measured 22.5 Mbit/s (6 tests" in page.content.decode()
