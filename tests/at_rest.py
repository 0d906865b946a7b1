"""What lies on disk and in the database: invented people, and a search for their values in bytes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import connection

from amends.people.subscribers.actions.register import NewSubscriber
from amends.platform.vault.actions.rotate import sealed_columns
from amends.platform.vault.recognisers.checks import id_card_check
from amends.platform.vault.sealing import open_sealed


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


class Search:
    """Looks for many signs at once, by eight telling bytes of each: those from its first digit on."""

    def __init__(self, signs: Iterable[bytes]) -> None:
        self.by_window: dict[int, list[tuple[int, bytes]]] = {}
        for sign in signs:
            digit = next((at for at, byte in enumerate(sign) if 0x30 <= byte <= 0x39), 0)
            at = min(digit, len(sign) - 8)
            window = int.from_bytes(sign[at : at + 8], "little")
            self.by_window.setdefault(window, []).append((at, sign))
        self.windows = np.fromiter(self.by_window, dtype="<u8", count=len(self.by_window))
        self.windows.sort()

    def find(self, content: bytes) -> list[bytes]:
        """The signs a content holds."""
        found = set()
        for shift in range(8):
            words = np.frombuffer(content[shift : shift + (len(content) - shift) // 8 * 8], "<u8")
            near = np.searchsorted(self.windows, words).clip(max=len(self.windows) - 1)
            for place in np.flatnonzero(self.windows[near] == words).tolist():
                middle = shift + 8 * place
                for at, sign in self.by_window[int(words[place])]:
                    if middle >= at and content.startswith(sign, middle - at):
                        found.add(sign)
        return sorted(found)


def found_in(content: bytes, signs: Iterable[bytes]) -> list[bytes]:
    """Which signs a content holds."""
    return Search(signs).find(content)


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
                    # Binary columns are written as hexadecimal, which now and then has eleven digits
                    # in a row that are somebody's by chance: what they hold is looked at instead.
                    parts += [
                        bytes.fromhex(cell[3:].decode()) if cell.startswith(b"\\\\x") else cell
                        for cell in bytes(piece).rstrip(b"\n").split(b"\t")
                    ]
    return b"\n".join(parts)


def files_at_rest() -> Iterator[tuple[Path, bytes]]:
    """Every file of the data directory and of the folder of received files, but the database."""
    own = {Path(settings.DATA_DIR), Path(settings.MEDIA_ROOT)}
    database = Path(str(connection.settings_dict["NAME"])).name
    for folder in own:
        for path in folder.rglob("*"):
            if path.is_file() and not path.name.startswith(database):
                yield path, path.read_bytes()


def everything_that_opens() -> Iterator[tuple[str, str]]:
    """Every value sealed under a master key, opened: (place, text). What is gone is not there."""
    for column in sealed_columns():
        rows = column.model._default_manager.order_by()
        for row_id, sealed in rows.values_list(column.bound_to, column.field.attname):
            if sealed:
                text = open_sealed(column.table, column.field.column, row_id, bytes(sealed))
                yield str(column), text
