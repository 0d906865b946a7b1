"""Files that hold no case: each is refused in words on the page, none is an error of ours."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from amends.causes.launches.models import LaunchAssessment
from amends.causes.launches.queries.workbook import write_template
from amends.causes.launches.rules.case import example
from amends.people.access.actions.add_user import add_user

pytestmark = pytest.mark.django_db


def text(document: object) -> bytes:
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def changed(sheet: str, **cells: object) -> dict[str, Any]:
    document: dict[str, Any] = deepcopy(example())
    document[sheet][0] |= cells
    return document


def written(sheet: str, **cells: str) -> bytes:
    """The example with cells as they stand here, which no JSON library would write."""
    document = changed(sheet, **{name: f"@{name}@" for name in cells})
    said = json.dumps(document)
    for name, cell in cells.items():
        said = said.replace(f'"@{name}@"', cell)
    return said.encode()


DOCUMENTS: dict[str, object] = {
    "nothing": b"",
    "spaces": b"   ",
    "null": None,
    "a number": 5,
    "a text": "case",
    "true": True,
    "an empty list": [],
    "an empty object": {},
    "not utf-8": b"\xff\xfe{}",
    "nul": b"{}\0",
    "deep lists": b"[" * 60_000 + b"]" * 60_000,
    "deep objects": b'{"case":' * 50_000,
    "900 lists in a cell": written("case", launch="[" * 900 + "]" * 900),
    "sheets are numbers": dict.fromkeys(example(), 5),
    "sheets are texts": dict.fromkeys(example(), "x"),
    "sheets are lists of numbers": {one: [1, 2] for one in example()},
    "sheets are lists of lists": {one: [[1], [[2]]] for one in example()},
    "sheets are lists of null": {one: [None] for one in example()},
    "sheets are true": dict.fromkeys(example(), True),
    "an unknown sheet": example() | {"cases": []},
    "a sheet named by a surrogate": example() | {"\ud800": []},
    "two cases": example() | {"case": example()["case"] * 2},
    "no costs": example() | {"costs": []},
    "price is an object of objects": example() | {"price": {"month": {"month": 5}}},
    "no price and an offer of 400 characters": changed("case", offer="x" * 400) | {"price": []},
    "no price and an offer with nul": changed("case", offer="a\0b") | {"price": []},
    "no price and an offer that is a list": changed("case", offer=["a"]) | {"price": []},
    "no price and a case that is a text": example() | {"price": [], "case": "x"},
    "nan": written("price", month="NaN"),
    "infinity": written("price", month="-Infinity"),
    "1e999": written("price", month="1e999"),
    "400 digits": written("price", month="9" * 400),
    "minus 400 digits": written("price", month="-" + "9" * 400),
    "5,000 digits": written("price", month="9" * 5_000),
    "a text of 400 digits": changed("price", month="9" * 400),
    "400 digits in a whole number": written("case", months="9" * 400),
    "400 digits in a name": written("case", launch="9" * 400),
    "true in a number": changed("price", month=True),
    "a list in a number": changed("price", month=[5]),
    "an object in a choice": changed("settlement", traffic={"a": 1}),
    "a surrogate in a name": changed("case", launch="\ud800"),
    "a surrogate in a choice": changed("settlement", traffic="\udfff"),
    "a surrogate in a number": changed("price", month="\ud800"),
    "a surrogate as a column": changed("price", **{"\ud800": 1}),
    "nul in a name": changed("segments", segment="a\0b"),
    "a line break in a name": changed("case", launch="a\nb"),
    "negative market": changed("segments", market=-1),
    "per_user": changed("capacity", per_user=1e12),
    "hold_s": changed("capacity", hold_s=1e12),
    "installed": changed("capacity", installed=1e12),
    "cells": changed("capacity", cells=10**12),
    "within_s": changed("capacity", within_s=1e300),
    "stop-loss": changed("stop_loss", limit=1e300),
    "market": changed("segments", market=1e300),
    "p": changed("segments", p=1e-320),
    "usage_factor": changed("segments", usage_factor=1e300),
    "complaints": changed("complaints", user_months=1e-320, complaints=10**9),
    "amount": changed("costs", amount=1e308),
    "factor": changed("uncertainty", high=1e308),
    "lifetime": changed("replicability", lifetime_months=10**9),
    "months": changed("case", months=1e300),
    "an emoji in a number": changed("price", month="💶5"),
    "a name of a megabyte": changed("case", launch="x" * 1_000_000),
    "too many rows": example() | {"segments": example()["segments"] * 2_000},
    "no offer": changed("case", offer=""),
    "an archive": b"PK\x03\x04 and nothing else",
}
"""What a JSON file says."""


def filled(fill: Callable[[Any], None]) -> Callable[[Any], bytes]:
    def made(folder: Any) -> bytes:
        write_template(folder / "case.xlsx")
        book = load_workbook(folder / "case.xlsx")
        fill(book)
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    return made


def put(sheet: str, cell: str, value: object) -> Callable[[Any], bytes]:
    return filled(lambda book: book[sheet].__setitem__(cell, value))


def _without(*sheets: str) -> Callable[[Any], bytes]:
    def fill(book: Any) -> None:
        book.create_sheet("notes")
        for sheet in sheets:
            book.remove(book[sheet])

    return filled(fill)


def _empty(_folder: Any) -> bytes:
    content = io.BytesIO()
    Workbook().save(content)
    return content.getvalue()


def _part(name: str, change: Callable[[bytes], bytes]) -> Callable[[Any], bytes]:
    """The template with one part of the archive changed."""

    def made(folder: Any) -> bytes:
        write_template(folder / "case.xlsx")
        content = io.BytesIO()
        with zipfile.ZipFile(folder / "case.xlsx") as old, zipfile.ZipFile(content, "w") as new:
            for part in old.namelist():
                data = old.read(part)
                new.writestr(part, change(data) if part == name else data)
        return content.getvalue()

    return made


BOOKS: dict[str, Callable[[Any], bytes]] = {
    "no archive": lambda _folder: b"this is no workbook",
    "half an archive": lambda folder: _empty(folder)[:900],
    "empty": _empty,
    "no sheet of ours": _without(*example()),
    "no case": _without("case"),
    "no usage and no costs": _without("usage", "costs"),
    "a date in a number": put("price", "A4", date(2026, 1, 1)),
    "a moment in a number": put("price", "A4", datetime(2026, 1, 1, 5)),  # noqa: DTZ001
    "a time in a number": put("price", "A4", time(5)),
    "a span in a number": put("price", "A4", timedelta(days=5)),
    "a date in a name": put("segments", "A4", date(2026, 1, 1)),
    "a yes in a number": put("price", "A4", True),
    "an error in a number": put("price", "A4", "#DIV/0!"),
    "a formula": put("price", "A4", "=1/0"),
    "a text in a number": put("price", "A4", "forty-nine"),
    "1e300": put("price", "A4", 1e300),
    "negative": put("price", "A4", -5),
    "a column twice": put("price", "B2", "month"),
    "a column renamed": put("price", "A2", "monthly"),
    "an empty header": filled(lambda book: book["price"].delete_rows(2)),
    "a cell far away": put("price", "XFD1048576", 1),
    "600 rows": filled(
        lambda book: [book["costs"].append(["x", "once", 0, None, 5]) for _one in range(600)]
    ),
    "a sheet that is no XML": _part("xl/worksheets/sheet6.xml", lambda _data: b"<worksheet"),
    "shared texts that are no XML": _part("xl/sharedStrings.xml", lambda _data: b"\xff\xff"),
    "a workbook that is no XML": _part("xl/workbook.xml", lambda _data: b""),
    "entities": _part(
        "xl/worksheets/sheet6.xml",
        lambda data: b'<!DOCTYPE a [<!ENTITY b "c">]>' + data[data.index(b"<worksheet") :],
    ),
    "a number that is no number": _part(
        "xl/worksheets/sheet6.xml", lambda data: data.replace(b"<v>49</v>", b"<v>nan</v>")
    ),
    "a number of 400 digits": _part(
        "xl/worksheets/sheet6.xml",
        lambda data: data.replace(b"<v>49</v>", b"<v>" + b"9" * 400 + b"</v>"),
    ),
    "a text that is not there": _part(
        "xl/sharedStrings.xml", lambda data: data.replace(b"<si>", b"<si><!--", 1)[:200] + b"</sst>"
    ),
}
"""What a workbook holds."""


@pytest.fixture
def manager() -> Client:
    client = Client(headers={"accept-language": "en"}, raise_request_exception=False)
    client.force_login(
        add_user("head", password="quite-long-and-odd-7", roles=["manager"], language="en")
    )
    return client


def refused(client: Client, name: str, content: bytes) -> None:
    answer = client.post("/desk/launches/assess/", {"file": SimpleUploadedFile(name, content)})
    page = answer.content.decode()
    assert answer.status_code == 400, page[:2_000]
    assert 'class="error"' in page or "The case names no offer" in page
    assert not LaunchAssessment.objects.exists()


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_json_file_that_is_no_case_is_refused(manager: Client, document: object) -> None:
    refused(manager, "case.json", text(document))


@pytest.mark.parametrize("book", BOOKS.values(), ids=BOOKS.keys())
def test_a_workbook_that_is_no_case_is_refused(
    manager: Client, tmp_path: Any, book: Callable[[Any], bytes]
) -> None:
    refused(manager, "case.xlsx", book(tmp_path))


@pytest.mark.parametrize(
    "name", ["case.xls", "case.xlsm", "case.csv", "case", "case.json.xlsx", ".x.", "x" * 300]
)
def test_a_file_of_another_name_is_refused(manager: Client, name: str) -> None:
    refused(manager, name, b"a,b\n1,2\n")


def test_a_form_without_a_file_is_refused(manager: Client) -> None:
    answer = manager.post("/desk/launches/assess/", {"file": "a text"})
    assert answer.status_code == 400
    assert "error" in answer.content.decode()


def test_each_wrong_cell_is_an_error_on_the_page(manager: Client, tmp_path: Any) -> None:
    book = filled(
        lambda one: (one["price"].__setitem__("A4", "x"), one["costs"].__setitem__("E4", -1))
    )(tmp_path)
    sent = {"file": SimpleUploadedFile("case.xlsx", book)}
    page = manager.post("/desk/launches/assess/", sent).content.decode()
    assert "sheet price, cell A4" in page
    assert "sheet costs, cell E4" in page
