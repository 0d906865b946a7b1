"""10,000 planted people: none of their numbers, phones or addresses is found at rest.

The values are invented, with valid check digits. The people are registered, complain on every
channel, are challenged, answered, looked at, unmasked, and partly erased. Then the test reads the
bytes of the database (file and write-ahead log, or every table of PostgreSQL as text), the log at
its most talkative, the data directory, temporary files, sessions, caches, error pages and exports.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import pickle
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import transaction
from django.test import Client, RequestFactory
from tests.clock import MORNING, begin_at

import trails
from amends.cases.complaints.actions.identify import UnableToIdentify, answer_identity
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.overrule import overrule
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.regulator_file import evidence_file
from amends.cases.complaints.actions.respond import answer_outcome, reopen
from amends.cases.complaints.actions.settle import settle
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.models import Complaint
from amends.people.access.actions.add_user import add_user
from amends.people.access.actions.break_glass import ask_break_glass
from amends.people.access.actions.evidence import evidence_many
from amends.people.access.actions.look import look_many
from amends.people.access.actions.open_case import NewCase, open_cases
from amends.people.access.actions.unmask import unmask
from amends.people.access.queries import actor_called, looks_at, looks_between
from amends.people.subscribers.actions.erase import erase
from amends.people.subscribers.actions.hold import place_hold, release_holds
from amends.people.subscribers.actions.register import NewSubscriber, register, register_many
from amends.people.subscribers.queries import Lookup, identify_many, subscribers
from amends.platform.kit.actors import system
from amends.platform.kit.errors import AmendsError
from amends.record.catalogue.queries import areas
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.actions.sequence import sequence
from amends.record.ledger.queries import facts_about, proof_bundle
from amends.site.logs import JsonWithoutPersonalData
from amends.work.remedies.actions.export import as_csv, export
from at_rest import Search, database_bytes, files_at_rest, found_in, planted, signs_of

pytestmark = pytest.mark.django_db(transaction=True)
NOW = MORNING
CANARIES = int(os.environ.get("AMENDS_CANARIES", "1000"))
ON_EVERY_CHANNEL = 8


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    begin_at(monkeypatch, NOW)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log as an operator would find it, with everything switched on."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonWithoutPersonalData())
    root = logging.getLogger()
    before = root.level, logging.getLogger("django").level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("django").setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before[0])
    logging.getLogger("django").setLevel(before[1])


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The names of temporary files made outside our own folders; the cache keeps its own there."""
    made: list[str] = []
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    opened = tempfile._mkstemp_inner  # type: ignore[attr-defined]

    def note(directory: str, *arguments: Any) -> Any:
        if Path(str(directory)) == folder:
            made.append(str(arguments))
        return opened(directory, *arguments)

    monkeypatch.setattr(tempfile, "_mkstemp_inner", note)
    return made


def test_no_canary_is_found_at_rest(
    written: io.StringIO, scratch: list[str], settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    people = planted(CANARIES)
    pseudonyms = register_many(people, now=NOW - timedelta(days=200))
    lookups = [Lookup(phone=one.phone, id_card=one.id_card, email=one.email) for one in people]
    identify_many(lookups[:500])
    _work_with(pseudonyms[:200], people)

    rejects = tmp_path / "rejects" / "old-desk.csv"
    report = trails.imported(people, tmp_path, rejects=rejects, now=NOW)
    assert report.read == CANARIES
    assert report.rejected == CANARIES // 50
    assert report.accepted + report.duplicates == CANARIES - report.rejected
    feed = trails.feeds(people[:400], pseudonyms[:400], tmp_path, now=NOW)
    assert (feed.accepted, feed.rejected) == (300, 100)
    _on_every_channel(people[:ON_EVERY_CHANNEL])
    pages = _at_the_desk(people[ON_EVERY_CHANNEL : 2 * ON_EVERY_CHANNEL], pseudonyms)
    pages += _error_pages(people[0])
    for pseudonym in pseudonyms[-20:]:
        erase(pseudonym, now=NOW)

    search = Search(signs_of(people)).find
    content = database_bytes()
    assert pseudonyms[0].encode() in content, "the right bytes are being read"
    assert search(content) == []
    assert search("\n".join([*report.notes, *feed.notes]).encode()) == []
    for file in rejects.parent.iterdir():
        assert search(file.read_bytes()) == []
        assert file.stat().st_mode & 0o777 == 0o600
    log = written.getvalue()
    assert '"level": "debug"' in log
    assert '"level": "error"' in log
    assert search(log.encode()) == []
    for path, content in files_at_rest():
        assert search(content) == [], path
    for place, content in [*_sessions(), *_caches(), *pages, *_exports(pseudonyms)]:
        assert search(content) == [], place
    assert scratch == []


def test_the_search_would_find_a_canary() -> None:
    """The test above can fail: a value stored in the clear is found in the same bytes."""
    (person,) = planted(1)
    register(NewSubscriber(area=person.phone, name=person.name), now=NOW)
    assert found_in(database_bytes(), signs_of([person])) == [person.phone.encode()]


def test_the_search_finds_every_sort_of_sign_wherever_it_lies() -> None:
    signs = signs_of(planted(60))
    content = b"".join(b"\xff" * (n % 11) + sign + b"\x00\xff" for n, sign in enumerate(signs))
    assert set(found_in(content, signs)) == set(signs)
    assert found_in(content.replace(b"1", b"7").replace(b"2", b"8"), signs_of(planted(1, 3))) == []


def test_no_error_tells_a_value() -> None:
    (person,) = planted(1)
    pseudonym = register(person, now=NOW)
    signs = [sign.decode() for sign in signs_of([person])[:5]]
    acts = (
        lambda: register(
            NewSubscriber(phone=person.phone, id_card=person.id_card, pseudonym=pseudonym),
            now=NOW,
        ),
        lambda: unmask(system("intake"), "case-none", ["phone"], reason=person.phone, now=NOW),
    )
    for act in acts:
        with pytest.raises(AmendsError) as refused:
            act()
        assert not any(sign in str(refused.value) for sign in signs)


def _work_with(pseudonyms: list[str], people: list[NewSubscriber]) -> None:
    desk = system("intake")
    new = [NewCase(one, "complaint", f"complaint-{n}") for n, one in enumerate(pseudonyms)]
    cases = open_cases(desk, new, now=NOW)
    look_many(desk, cases, ["name", "phone", "id_card", "address", "email"], now=NOW)
    evidence_many(desk, cases, now=NOW)
    for case, person in zip(cases[:20], people, strict=False):
        shown = unmask(desk, case, ["phone"], reason=_told(person), now=NOW)
        assert shown == {"phone": person.phone}


def _told(person: NewSubscriber) -> str:
    """What somebody in a hurry types into a field that asks why."""
    return f"回电{person.phone}，证件{person.id_card}，地址：{person.address}，{person.email}"


def _on_every_channel(people: list[NewSubscriber]) -> None:
    for number, person in enumerate(people):
        client = Client()
        trails.web_form(client, person, send=bool(number % 2))
        client.post("/follow/", {"code": person.phone})
        trails.mail(person, now=NOW, number=number)
        trails.call(person, now=NOW + timedelta(minutes=number))
    trails.api(Client(), people, now=NOW)
    trails.dispatched(now=NOW + timedelta(hours=1))
    while pipeline.process(now=NOW + timedelta(hours=1), limit=50).did_something:
        if not Complaint.objects.filter(state="received", channel__in=("web", "mail")).exists():
            break


def _at_the_desk(people: list[NewSubscriber], pseudonyms: list[str]) -> list[tuple[str, bytes]]:
    """Every field a person at the desk types into; the masked pages they read."""
    add_user("qiao", password="harbour-kite-42", roles=["senior_handler"])
    senior, desk = actor_called("qiao"), Client()
    desk.post("/account/login/", {"login": people[0].phone, "password": people[0].id_card})
    assert desk.login(username="qiao", password="harbour-kite-42")
    pages = []
    with transaction.atomic():
        append(
            [_charge(one) for one in pseudonyms[ON_EVERY_CHANNEL : 2 * ON_EVERY_CHANNEL]], now=NOW
        )
    for number, person in enumerate(people):
        said = Submission(
            channel="app",
            key=f"desk-{number}",
            text=trails.words_of(person),
            received_at=NOW,
            phone=person.phone,
            identity="operator_login",
            wanted=_told(person),
            place=person.address,
            brand=person.phone,
            province=person.phone,
        )
        ref = receive(said, now=NOW).complaint
        pipeline.acknowledge_waiting(now=NOW, limit=1)
        pipeline.decide_on([ref], now=NOW)
        found = Complaint.objects.get(id=ref)
        pages += [
            ("inbox", desk.get("/desk/", {"words": person.name}).content),
            ("complaint", desk.get(f"/desk/c/{ref}/").content),
        ]
        with pytest.raises(UnableToIdentify):
            answer_identity(found, person.phone, actor=senior, now=NOW)
        if found.state != "investigating":
            continue
        overrule(
            ref,
            verdict="not_upheld",
            amount_minor=0,
            currency="CNY",
            reason=_told(person),
            customer_text=_told(person),
            actor=senior,
            now=NOW,
        )
        settle(
            ref, actor=senior, now=NOW, subject=f"致{person.phone}", body=trails.words_of(person)
        )
        reopen(ref, text=_told(person), actor=senior, now=NOW)
        answer_outcome(ref, answer="partly", text=_told(person), actor=senior, now=NOW)
    ask_break_glass(
        senior, subscriber=pseudonyms[0], fields=["phone"], reason=_told(people[0]), now=NOW
    )
    place_hold(pseudonyms[0], reason=_told(people[0]), by="qiao", now=NOW)
    release_holds(pseudonyms[0], by="qiao", now=NOW)
    assert Complaint.objects.filter(verdict="not_upheld").exists(), "some were answered in words"
    return pages


def _charge(pseudonym: str) -> Fact:
    payload: dict[str, str | int] = {
        "charge": f"chg-{pseudonym}",
        "charge_kind": "value_added",
        "offer": "offer-ring",
        "amount_minor": 1000,
        "currency": "CNY",
    }
    at = NOW - timedelta(days=20)
    return Fact("ChargeMade", pseudonym, f"svc-{pseudonym}", at, "billing", payload)


def _error_pages(person: NewSubscriber) -> list[tuple[str, bytes]]:
    """What is shown when a page fails on somebody's data, at every status; and what is logged."""
    from amends.entrances.portals.public import home

    client = Client(raise_request_exception=False)
    query = {"q": _told(person)}
    found = [
        (404, client.get(f"/{person.phone}/{person.address}/", query)),
        (400, client.get("/", query, headers={"host": f"{person.phone}.invented.example"})),
        (
            403,
            Client(enforce_csrf_checks=True).post(
                "/language/", {"next": _told(person), "language": person.phone}
            ),
        ),
    ]
    faults = ((500, ValueError), (403, PermissionDenied), (400, SuspiciousOperation))
    for status, fault in faults:
        with pytest.MonkeyPatch.context() as patch:

            def fail(*_: Any, fault: type[Exception] = fault) -> None:
                raise fault(_told(person))

            patch.setattr(home, "render", fail)
            found.append((status, client.post("/", query | {"data": "x" * 3_000_000})))
            found.append((status, client.get("/", query)))
    pages = []
    for status, page in found:
        assert page.status_code in {status, 405}, (status, page.status_code)
        pages.append((f"error {status}", page.content))
    return pages


def _sessions() -> Iterator[tuple[str, bytes]]:
    """Sessions as they read when unpacked: in the database they are compressed."""
    for session in Session.objects.all():
        yield "session", json.dumps(session.get_decoded(), ensure_ascii=False).encode()


def _caches() -> Iterator[tuple[str, bytes]]:
    """What the caches keep: names and unpacked values."""
    for path in (Path(settings.DATA_DIR) / "cache").rglob("*.djcache"):
        with path.open("rb") as file:
            pickle.load(file)
            yield str(path), zlib.decompress(file.read()) + path.name.encode()


def _exports(pseudonyms: list[str]) -> list[tuple[str, bytes]]:
    """What leaves the house: views and looks as a table, remedies, evidence, proofs."""
    sequence(now=NOW + timedelta(hours=2), holder="test")
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerows([view] for view in subscribers(pseudonyms).values())
    writer.writerows([view] for view in areas())
    writer.writerows([look] for look in looks_at(pseudonyms[0]))
    writer.writerows([look] for look in looks_between(NOW, NOW + timedelta(days=1)))
    assert "facts" in sheet.getvalue()
    facts = [fact for one in pseudonyms[:30] for fact in facts_about(one)]
    assert len(facts) > 30
    charged = Complaint.objects.filter(subscriber__in=pseudonyms[ON_EVERY_CHANNEL:16])
    decided = charged.filter(decisions__isnull=False).distinct()
    bundles = [
        _unpacked(evidence_file(ref, now=NOW + timedelta(hours=3)))
        for ref in decided.values_list("id", flat=True)
    ]
    assert bundles
    _, remedies = export(now=NOW)
    return [
        ("table", sheet.getvalue().encode()),
        ("facts", orjson.dumps([dict(fact.payload) for fact in facts])),
        ("proofs", proof_bundle([fact.id for fact in facts[:20]]).encode()),
        ("evidence", b"".join(bundles)),
        ("remedies", as_csv(remedies).encode()),
    ]


def _unpacked(archive: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return b"".join(packed.read(name) for name in packed.namelist())


def test_a_failing_page_is_logged_without_what_was_asked(written: io.StringIO) -> None:
    """An address that somebody typed may be a name or a street: only its pattern is written."""
    (person,) = planted(1)
    Client().get(f"/follow/{person.address}/")
    Client().get(f"/nowhere/{person.address}/{person.phone}/")
    request = RequestFactory().get("/")
    request.path = f"/{person.name}/"
    logging.getLogger("django.request").error(
        "Broken: %s", request.path, extra={"request": request}
    )
    log = written.getvalue()
    assert "an address that is not ours" in log
    assert person.name not in log
    assert found_in(log.encode(), signs_of([person])) == []
