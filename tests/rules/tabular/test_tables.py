"""Files people bring: whatever is in them, counts add up and nothing is executed or lost."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from amends.platform.kit.errors import BadInput
from amends.platform.tabular.encodings import UnableToDecode, decode
from amends.platform.tabular.exports import keep_rejects, neutral, write_csv
from amends.platform.tabular.tables import Reject, UnableToReadFile, read_table
from amends.platform.tabular.workbook_reader import UnableToOpenWorkbook, check_workbook

ROWS = "编号,投诉内容,投诉时间\n1,网速太慢了,2026-05-01\n2,乱扣费,2026-05-02\n"


def write(folder: Path, data: bytes, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_every_encoding_of_a_chinese_file_is_read(tmp_path: Path, encoding: str) -> None:
    table = read_table(write(tmp_path, ROWS.encode(encoding)))
    assert table.header == ["编号", "投诉内容", "投诉时间"]
    assert table.rows[1][1] == "乱扣费"


def test_bytes_of_no_encoding_are_refused() -> None:
    with pytest.raises(UnableToDecode, match="Save it as UTF-8"):
        decode(b"\xff\x80\x81" * 10)


def test_broken_bytes_are_refused_with_what_was_tried_and_their_line(tmp_path: Path) -> None:
    rows = ROWS.encode().splitlines(keepends=True)
    with pytest.raises(UnableToDecode) as refused:
        read_table(write(tmp_path, b"".join([*rows, "乱扣".encode()[:-1] + b"\xff,x\n"])))
    said = str(refused.value)
    assert f"UTF-8: line {len(rows) + 1} holds bytes that are no text." in said
    assert refused.value.where
    assert "Nothing was imported. Save it as UTF-8, or mend that line" in said


@pytest.mark.parametrize("data", [b"", b"\n\n \n", "\ufeff".encode(), b"a,b\n", b"\x00\x00"])
def test_a_file_without_rows_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadInput):
        read_table(write(tmp_path, data))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnableToReadFile, match="cannot be read"):
        read_table(tmp_path / "nowhere.csv")


def test_ragged_rows_are_set_aside_with_their_line(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, b'a,b\n1,2\n3\n"4\n4",5\n6,7,8\n'))
    assert [(reject.line, reject.translated(str)) for reject in table.rejects] == [
        (3, "has a cell count of 1, the header of 2"),
        (6, "has a cell count of 3, the header of 2"),
    ]
    assert table.lines == [2, 4]
    assert table.read == 4


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        pytest.param('1,"no signal,2026-05-01\n2,slow,2026-05-02\n', 2, id="too few cells"),
        pytest.param('1,2026-05-01,"no signal\n2,2026-05-02,slow\n', 2, id="as many as there are"),
        pytest.param('1,a,b\n\n2,"c\nd",e\n3,f,"g', 6, id="cut off in the last row"),
        pytest.param('1,a,"b""\n', 2, id="a quotation mark of the words"),
    ],
)
def test_a_quotation_mark_left_open_swallows_no_rows(tmp_path: Path, rows: str, line: int) -> None:
    """It would make one cell of all that follows, and one complaint of many people's."""
    path = tmp_path / "open.csv"
    path.write_text(f"id,a,b\n{rows}")
    with pytest.raises(UnableToReadFile) as refused:
        read_table(path)
    assert refused.value.where == f"open.csv:{line}"


@pytest.mark.parametrize("last", ['2,"c\nd",e\n', '2,"c",""', '2,c"d,e\n', '2,"say ""no""",e\n'])
def test_quotation_marks_that_are_closed_are_words(tmp_path: Path, last: str) -> None:
    path = tmp_path / "closed.csv"
    path.write_text(f'id,a,b\n1,"x\ny",z\n{last}')
    table = read_table(path)
    assert (len(table.rows), table.rejects, table.lines) == (2, [], [2, 4])


def test_a_cell_of_ten_megabytes_is_set_aside(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, b"a,b\n1," + b"x" * 10_000_000 + b"\n2,y\n"))
    assert len(table.rows) == 1
    assert "1,000,000 characters" in table.rejects[0].translated(str)
    assert len(table.rejects[0].cells[1]) == 1000


def test_a_column_named_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnableToReadFile, match="“a” twice"):
        read_table(write(tmp_path, b"a,a\n1,2\n"))


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_other_delimiters_are_found(tmp_path: Path, sign: str) -> None:
    table = read_table(write(tmp_path, f"a{sign}b\n1,5{sign}2\n".encode()))
    assert table.rows == [["1,5", "2"]]


def test_json_lines_keep_the_good_rows(tmp_path: Path) -> None:
    data = b'{"a": 1, "b": "x"}\nnot json\n[1]\n{"a": 2, "c": true}\n'
    table = read_table(write(tmp_path, data, "rows.jsonl"))
    assert table.header == ["a", "b", "c"]
    assert table.rows == [["1", "x", ""], ["2", "", "yes"]]
    assert [reject.line for reject in table.rejects] == [2, 3]


def test_a_string_of_json_may_hold_separators_of_lines_as_they_are(tmp_path: Path) -> None:
    words = "扣费\u2028每月\x85都有"
    data = f'{{"text": "{words}"}}\r\n{{"text": "b"}}\n'.encode()
    table = read_table(write(tmp_path, data, "rows.jsonl"))
    assert table.rows == [[words], ["b"]]
    assert (table.lines, table.rejects) == ([1, 2], [])


def test_parquet_is_read(tmp_path: Path) -> None:
    import polars as pl

    pl.DataFrame({"a": [1, None], "b": ["x", "y"]}).write_parquet(tmp_path / "rows.parquet")
    assert read_table(tmp_path / "rows.parquet").rows == [["1", "x"], ["", "y"]]
    with pytest.raises(UnableToReadFile, match="damaged"):
        read_table(write(tmp_path, b"PAR1" + b"\x00" * 50, "bad.parquet"))


def test_a_parquet_file_of_repeated_text_does_not_fill_memory(tmp_path: Path) -> None:
    import polars as pl

    path = tmp_path / "small.parquet"
    pl.DataFrame({"text": ["A" * 5_000] * 100_000}).write_parquet(path)
    assert path.stat().st_size < 100_000
    with pytest.raises(UnableToReadFile, match="limits of time and memory"):
        read_table(path)


def test_a_parquet_file_declares_too_many_rows(tmp_path: Path) -> None:
    import polars as pl

    path = tmp_path / "many.parquet"
    pl.DataFrame({"text": ["A"]}).select(
        pl.col("text").repeat_by(1_000_001).explode()
    ).write_parquet(path)
    with pytest.raises(UnableToReadFile, match="more than"):
        read_table(path)


def test_a_workbook_is_read_and_its_formulas_are_not_computed(tmp_path: Path) -> None:
    path = tmp_path / "rows.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["text", "when", "number"])
    sheet.write_string(1, 0, "=cmd|' /C calc'!A0")
    sheet.write_formula(1, 1, "=1+1", None, "kept")
    sheet.write_number(1, 2, 42)
    book.close()
    table = read_table(path)
    assert table.format == "xlsx"
    assert table.rows == [["=cmd|' /C calc'!A0", "kept", "42"]]


def bomb(folder: Path, sheet: bytes) -> Path:
    """A workbook whose one sheet is `sheet`."""
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with pytest.raises(UnableToOpenWorkbook, match="times its size"):
        read_table(bomb(tmp_path, b"\x00" * 60_000_000))


def test_a_sheet_of_absurd_extent_is_not_opened(tmp_path: Path) -> None:
    cells = b'<sheetData><row><c r="A1"/></row><row><c r="XFD1048576"/></row></sheetData>'
    with pytest.raises(UnableToOpenWorkbook, match=r"1,048,576 × 16,384 cells"):
        read_table(bomb(tmp_path, cells))


@pytest.mark.parametrize(
    "cells",
    [
        b"<row><c r='XFD1048576'/></row>",
        b'<row><c\nr = "xfd1048576"/></row>',
        b'<row r="1048576"><c/><c r="XFD"/></row><row><c r="XFD1"/></row>',
    ],
)
def test_a_far_cell_is_found_however_it_is_written(tmp_path: Path, cells: bytes) -> None:
    """The reader would make room for all the cells before it, and end the process."""
    with pytest.raises(UnableToOpenWorkbook, match="× 16,384 cells"):
        read_table(bomb(tmp_path, b"<sheetData>" + cells + b"</sheetData>"))


def test_a_workbook_that_declares_entities_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnableToOpenWorkbook, match="not a readable workbook"):
        read_table(bomb(tmp_path, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'))


def test_objects_of_ever_new_keys_are_refused(tmp_path: Path) -> None:
    data = b"".join(b'{"k%d": 1}\n' % number for number in range(3_000))
    with pytest.raises(UnableToReadFile, match="2,000 columns"):
        read_table(write(tmp_path, data, "rows.jsonl"))


def test_more_cells_than_memory_has_room_for_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amends.platform.tabular.tables.MAX_CELLS", 10)
    with pytest.raises(UnableToReadFile, match="10 cells"):
        read_table(write(tmp_path, b"a,b,c\n" + b"1,2,3\n" * 4))


def test_an_unknown_encoding_is_called_unknown(tmp_path: Path) -> None:
    path = write(tmp_path, ROWS.encode())
    for name in ("klingon", "zlib", "utf_8\0"):
        with pytest.raises(UnableToDecode, match="cp1252, cp1251"):
            read_table(path, encoding=name)


def test_western_bytes_are_not_taken_for_chinese() -> None:
    text = "text,date\nI don’t know – it’s gone,2026-05-01\n"
    assert decode(text.encode("cp1252")) == (text, "cp1252")


def test_letters_that_are_not_western_are_not_taken_for_western_ones() -> None:
    for encoding in ("cp1250", "cp1254"):
        text = {
            "cp1250": "skarga,data\nInternet nie działa, żądam zwrotu,2026-05-01\n",
            "cp1254": "şikayet,tarih\nışık yanmıyor değil mi,2026-05-01\n",
        }[encoding]
        with pytest.raises(UnableToDecode, match="--encoding"):
            decode(text.encode(encoding))


def test_cells_that_do_not_say_where_they_stand_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amends.platform.tabular.workbook_reader.MAX_CELLS", 1_000)
    row = b"<row>" + b"<c><v>1</v></c>" * 100 + b"</row>"
    path = bomb(tmp_path, b"<sheetData>" + row * 11 + b"</sheetData>")
    with path.open("rb") as file, pytest.raises(UnableToOpenWorkbook, match="1,100 cells"):
        check_workbook(file)


def test_a_broken_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnableToOpenWorkbook):
        read_table(write(tmp_path, b"PK\x03\x04" + b"\x00" * 100, "bad.xlsx"))
    with pytest.raises(UnableToOpenWorkbook):
        read_table(bomb(tmp_path, b"<x/>"))


@given(st.text(max_size=40))
def test_an_exported_cell_never_begins_a_formula(text: str) -> None:
    out = neutral(text)
    plain_number = out[:1] in "+-" and out[1:2].isdigit()
    assert not out.startswith(("=", "@", "\t", "\r", "＝", "＠"))
    assert not out.startswith(("+", "-", "＋", "－")) or plain_number


def test_cells_for_programs_stay_as_they_are() -> None:
    out = io.StringIO()
    write_csv(out, ["text"], [["@hillnet no signal"]], for_spreadsheet=False)
    assert out.getvalue() == "text\n@hillnet no signal\n"


def test_headers_are_neutral_too() -> None:
    out = io.StringIO()
    assert write_csv(out, ["=a"], [["-5"], ["-x"]]) == 2
    assert out.getvalue() == "'=a\n-5\n'-x\n"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = write(tmp_path_factory.mktemp("any"), data)
    try:
        table = read_table(path)
    except BadInput:
        return
    assert table.read == len(table.rows) + len(table.rejects)
    assert all(len(row) == len(table.header) for row in table.rows)


def test_what_an_import_set_aside_is_never_overwritten(tmp_path: Path) -> None:
    place = tmp_path / "rejects" / "people.rejects.csv"
    no_phone, no_name = (
        [Reject(line, why, ("李", "x"))] for line, why in ((2, "no phone"), (5, "no name"))
    )
    told = [
        keep_rejects(place, ["name", "phone"], rows)
        for rows in (no_phone, no_phone, no_name, no_phone + no_name, no_name, no_phone)
    ]
    one, two, three = (place.with_name(f"people.rejects-{at}.csv") for at in (1, 2, 3))
    assert told == [None, None, one, two, three, two], "what is kept already is kept once"
    assert sorted(place.parent.iterdir()) == sorted([place, one, two, three])
    said = [path.read_text(encoding="utf-8-sig") for path in (place, one, two, three)]
    assert ["no phone" in text for text in said] == [True, True, False, True]
    assert ["no name" in text for text in said] == [False, False, True, True]
    assert {path.stat().st_mode & 0o777 for path in place.parent.iterdir()} == {0o600}


def test_rejects_may_go_to_a_device() -> None:
    nowhere = Path("/dev/null")
    before = nowhere.stat().st_mode
    assert keep_rejects(nowhere, ["name"], [Reject(2, "no", ("a",))]) is None
    assert nowhere.stat().st_mode == before


def test_a_cell_with_a_carriage_return_stays_one_cell() -> None:
    written = io.StringIO()
    rows = [["first\rsecond", "a"], ["both\r\nends", "b"], ['quote " and, comma', ""]]
    write_csv(written, ["text", "label"], rows, for_spreadsheet=False)
    assert list(csv.reader(io.StringIO(written.getvalue(), newline=""))) == [
        ["text", "label"],
        *rows,
    ]
    assert written.getvalue().startswith("text,label\n")


def test_a_workbook_with_a_damaged_part_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>" * 50)
    damaged = bytearray(made.getvalue())
    start = damaged.index(b"sheet1.xml") + len(b"sheet1.xml")
    damaged[start : start + 8] = b"\xff" * 8
    with pytest.raises(UnableToOpenWorkbook, match="not a readable workbook"):
        check_workbook(io.BytesIO(bytes(damaged)))
