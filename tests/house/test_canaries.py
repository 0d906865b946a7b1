"""10,000 planted people: none of their numbers, phones or addresses is found at rest.

The values are invented, with valid check digits. After they have been registered, looked at,
unmasked, searched and partly erased, the test reads the bytes of the database (file and
write-ahead log, or every table of PostgreSQL as text), the log, the data directory and exports.
"""

from __future__ import annotations

import csv
import io
import logging
import random
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.db import connection

from amends.access.actions.evidence import evidence_many
from amends.access.actions.look import look_many
from amends.access.actions.open_case import NewCase, open_cases
from amends.access.actions.unmask import unmask
from amends.access.actors import system
from amends.access.queries import looks_at, looks_between
from amends.kit.errors import AmendsError
from amends.subscribers.actions.erase import erase
from amends.subscribers.actions.register import NewSubscriber, register, register_many
from amends.subscribers.queries import Lookup, areas, identify_many, subscribers
from amends.vault.recognisers.checks import id_card_check

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
CANARIES = 10_000


def planted(count: int, seed: int = 20261124) -> list[NewSubscriber]:
    """Invented people whose identity numbers have a right check digit."""
    chance = random.Random(seed)
    people = []
    for number in range(count):
        first = (
            f"{chance.choice(['110105', '410102', '330106', '500112', '440304'])}"
            f"{chance.randint(1940, 2008)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
            f"{chance.randint(0, 999):03}"
        )
        people.append(
            NewSubscriber(
                name=f"丁卯{chr(0x4E00 + number % 5000)}",
                phone=f"1{chance.choice('3578')}{chance.randint(0, 10**9 - 1):09}",
                id_card=first + id_card_check(first),
                address=f"虚构市样本区金丝雀路{number}号{chance.randint(1, 99)}室",
                email=f"canary{number}x{chance.randint(0, 10**6)}@invented.example",
            )
        )
    return people


def signs_of(people: Iterable[NewSubscriber]) -> list[bytes]:
    """The byte sequences that must not be found: values, in UTF-8 and UTF-16."""
    texts = set()
    for person in people:
        texts |= {person.phone, person.id_card, person.id_card[6:], person.address}
        texts.add(person.email.partition("@")[0])
    return [text.encode() for text in texts] + [text.encode("utf-16-le") for text in texts]


def found_in(content: bytes, signs: Iterable[bytes]) -> list[bytes]:
    """Which signs a content holds: eight bytes of each are looked for at every offset at once."""
    by_head: dict[int, list[bytes]] = {}
    for sign in signs:
        by_head.setdefault(int.from_bytes(sign[:8], "little"), []).append(sign)
    heads = np.fromiter(by_head, dtype="<u8", count=len(by_head))
    found = set()
    for shift in range(8):
        words = np.frombuffer(content[shift : shift + (len(content) - shift) // 8 * 8], "<u8")
        for place in np.flatnonzero(np.isin(words, heads)).tolist():
            at = shift + 8 * place
            found |= {one for one in by_head[int(words[place])] if content.startswith(one, at)}
    return sorted(found)


def database_bytes() -> bytes:
    """Everything the database keeps: SQLite's files as they lie, PostgreSQL's tables as text."""
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        files = [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")]
        return b"".join(file.read_bytes() for file in files if file.exists())
    parts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            with cursor.copy(f"COPY {name} TO STDOUT") as copied:
                for piece in copied:
                    text = bytes(piece)
                    parts.append(text)
                    # Binary columns are written as hexadecimal: look inside them as well.
                    parts += [
                        bytes.fromhex(cell[3:].decode())
                        for cell in text.rstrip(b"\n").split(b"\t")
                        if cell.startswith(b"\\\\x")
                    ]
    return b"\n".join(parts)


def test_no_canary_is_found_at_rest(caplog: pytest.LogCaptureFixture) -> None:
    people = planted(CANARIES)
    caplog.set_level(logging.DEBUG)
    pseudonyms = register_many(people, now=NOW)
    lookups = [Lookup(phone=one.phone, id_card=one.id_card, email=one.email) for one in people]
    identify_many(lookups[:500])
    _work_with(pseudonyms[:200], people)
    for pseudonym in pseudonyms[-20:]:
        erase(pseudonym, now=NOW)

    signs = signs_of(people)
    content = database_bytes()
    assert pseudonyms[0].encode() in content, "the right bytes are being read"
    assert found_in(content, signs) == []
    assert found_in(caplog.text.encode(), signs) == []
    assert found_in(_exports(pseudonyms).encode(), signs) == []
    for file in Path(settings.DATA_DIR).rglob("*"):
        if file.is_file():
            assert found_in(file.read_bytes(), signs) == [], file


def test_the_search_would_find_a_canary() -> None:
    """The test above can fail: a value stored in the clear is found in the same bytes."""
    (person,) = planted(1)
    register(NewSubscriber(area=person.phone, name=person.name), now=NOW)
    assert found_in(database_bytes(), signs_of([person])) == [person.phone.encode()]


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
        reason = f"回电{person.phone}，证件{person.id_card}，地址：{person.address}"
        shown = unmask(desk, case, ["phone"], reason=reason, now=NOW)
        assert shown == {"phone": person.phone}


def _exports(pseudonyms: list[str]) -> str:
    """What leaves the house from these rooms: views and looks, as a table."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerows([view] for view in subscribers(pseudonyms).values())
    writer.writerows([view] for view in areas())
    writer.writerows([look] for look in looks_at(pseudonyms[0]))
    end = NOW.replace(year=2027)
    writer.writerows([look] for look in looks_between(NOW, end))
    assert "facts" in sheet.getvalue()
    return sheet.getvalue()
