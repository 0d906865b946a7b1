"""Mail made to break its reader: it never raises, never hangs, never runs anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.channels.mail.reading.charsets import decode
from amends.channels.mail.reading.headers import mailbox, value_and_parameters, words
from amends.channels.mail.reading.parse import MAX_HEADER_BYTES, parse_mail
from amends.platform.kit.html_text import html_to_text
from amends.platform.kit.quoted_replies import new_words
from amends.platform.kit.received_files import inspect_file

MAILS = sorted((Path(__file__).parents[2] / "channels_data").glob("*.eml"))

PIECES = [
    b"From: a@example.com\r\n",
    b"Subject: =?gb18030?B?4Q==?=\r\n",
    b"Subject: =?x?Q?=GG?=\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"Content-Type: multipart/alternative\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Type: text/html; charset=utf-16\r\n",
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
    b"Content-Type: message/delivery-status\r\n",
    b"Action:\r\n",
    b"Action: failed\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: x-uuencode\r\n",
    b"Content-Disposition: attachment; filename*0*=gbk''%FF; filename*1=\"x\r\n",
    b"\r\n",
    b"\n",
    b"--b\r\n",
    b"--b--\r\n",
    b"=?",
    b'<a href="',
    b"<!--",
    b"<script>",
    b"&#99999999999;",
    b"> quoted\r\n",
    b"On 1 May 2026 at 10:00, x <x@y.z>\r\n",
    b"\x00",
    b"\xff\xfe",
    b"\xc4\xe3",
    b"Message-ID: <",
    b"Date: Mon, 99 May 99999 99:99:99 +9999\r\n",
    b"begin 644 x\r\n",
]


@given(st.binary(max_size=2_000))
def test_any_bytes_are_read(raw):
    parse_mail(raw).text.encode("utf-8")


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=40))
def test_any_arrangement_of_the_pieces_of_mail_is_read(pieces):
    mail = parse_mail(b"".join(pieces))
    for text in (mail.text, mail.subject, mail.sender, mail.sender_name, *mail.references):
        assert "\x00" not in text
        text.encode("utf-8")
    for file in mail.files:
        assert inspect_file(file.name, file.content).name


@given(st.sampled_from(MAILS), st.data())
def test_a_damaged_mail_is_read(path, data):
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        change = data.draw(st.sampled_from(["drop", "byte", "cut"]))
        if change == "drop":
            del raw[at : at + data.draw(st.integers(1, 80))]
        elif change == "byte":
            raw[at] = data.draw(st.integers(0, 255))
        else:
            del raw[at:]
        if not raw:
            return
    parse_mail(bytes(raw)).text.encode("utf-8")


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_bytes_under_any_label_become_text(data, label):
    text = decode(data, label)
    assert "\x00" not in text
    text.encode("utf-8")


@given(st.text(max_size=300))
def test_the_small_readers_take_any_text(text):
    words(text), mailbox(text), value_and_parameters(text), html_to_text(text), new_words(text)


@pytest.mark.parametrize("codec", ["gb18030", "utf-8", "utf-16"])
@given(text=st.text("投诉扣费宽带断线流量没有人处理退钱，。！ abc123", min_size=6, max_size=60))
def test_chinese_survives_its_own_encoding(codec, text):
    text = "请处理投诉" + text
    assert decode(text.encode(codec), codec) == text


@given(text=st.text("投诉扣费宽带断线流量没有人处理退钱", min_size=4, max_size=40))
def test_chinese_survives_a_wrong_or_missing_label(text):
    for label in ("", "us-ascii", "iso-8859-1", "x-unknown", "utf-8", "gb2312"):
        assert decode(text.encode("gb18030"), label) == text
        assert decode(text.encode("utf-8"), label) == text


def test_ten_megabytes_of_header_are_cut_and_the_words_kept():
    raw = (
        b"From: a@example.com\r\nSubject: big\r\nX-Junk: " + b"x" * 10_000_000 + b"\r\n"
        b"References: " + b"<a@b> " * 20_000 + b"\r\n\r\nMy bill is wrong."
    )
    mail = parse_mail(raw)
    assert (mail.sender, mail.subject, mail.text) == ("a@example.com", "big", "My bill is wrong.")
    assert "headers_cut" in mail.problems
    assert len(b"".join(ref.encode() for ref in mail.references)) < MAX_HEADER_BYTES


def test_a_hundred_thousand_headers_are_cut():
    mail = parse_mail(b"X: y\r\n" * 100_000 + b"\r\nHelp.")
    assert mail.text == "Help."


def test_deep_nesting_ends():
    raw = b""
    for level in range(3_000):
        raw += b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (level, level)
    mail = parse_mail(b"From: a@example.com\n" + raw + b"\n\nHelp me.")
    assert mail.sender == "a@example.com"
    assert set(mail.problems) & {"too_many_parts", "structure_not_understood"}


def nested(levels: int, words: str, kind: str = "mixed") -> bytes:
    """A mail in which `words` lie so many multiparts deep."""
    head = [b"From: a@example.com"]
    for level in range(levels):
        head.append(b'Content-Type: multipart/%s; boundary="b%d."' % (kind.encode(), level))
        head += [b"", b"--b%d." % level]
    head += [b"Content-Type: text/plain; charset=utf-8", b"", words.encode()]
    return b"\n".join([*head, *(b"--b%d.--" % level for level in reversed(range(levels)))])


@pytest.mark.parametrize("levels", [5, 13, 60])
@pytest.mark.parametrize("kind", ["mixed", "alternative", "related"])
def test_words_are_found_however_deep_they_lie(levels: int, kind: str) -> None:
    mail = parse_mail(nested(levels, "我没有订过彩铃。", kind))
    assert mail.text == "我没有订过彩铃。"
    assert ("too_many_parts" in mail.problems) is (levels > 12)


def test_of_several_forms_in_the_depth_one_is_taken() -> None:
    forms = (
        b'Content-Type: multipart/alternative; boundary="x"\n\n'
        b"--x\nContent-Type: text/plain\n\nRefund me.\n"
        b"--x\nContent-Type: text/html\n\n<p>Refund me.</p>\n--x--\n"
    )
    raw = nested(20, "").replace(b"Content-Type: text/plain; charset=utf-8\n\n", forms)
    assert parse_mail(raw).text == "Refund me."


def test_a_thousand_files_end():
    part = b"--b\nContent-Type: image/png; name=x.png\n\nx\n"
    mail = parse_mail(b"Content-Type: multipart/mixed; boundary=b\n\n" + part * 1_000 + b"--b--\n")
    assert len(mail.files) < 250
    assert "too_many_parts" in mail.problems


@pytest.mark.parametrize(
    "source",
    [
        "<" * 300_000,
        "<!--" * 100_000,
        "<a " * 100_000,
        '<a b="' * 50_000,
        "<script>" * 100_000,
        "<div>" * 100_000,
        "</div>" * 100_000,
        "&#x" + "f" * 300_000 + ";",
        "<blockquote>x" * 30_000,
    ],
    ids=lambda source: source[:8],
)
def test_html_made_to_be_slow_is_read_in_one_pass(source):
    html_to_text(source)


@pytest.mark.parametrize(
    "line",
    [
        "On 10:00 @" + "a" * 400,
        "在 2026 10:00" * 40,
        "-" * 499,
        "*" * 499,
        "From:" * 99,
        " " * 499,
        "<" + "@" * 498,
        "<a@" * 160,
        "|" * 499,
    ],
)
def test_history_made_to_be_slow_is_read_in_one_pass(line):
    new_words("\n".join([line] * 5_000))


def test_nothing_of_a_script_is_left():
    text = html_to_text("<b onclick=x()>Hi</b><script>steal()</script><style>a{}</style>&lt;i&gt;")
    assert text == "Hi<i>"


BIG5 = "您好，我上個月已經取消來電答鈴服務，可是帳單上又多收了三十元，請查明並退還。"


@pytest.mark.parametrize("label", ["", "; charset=us-ascii", "; charset=iso-8859-1"])
@pytest.mark.parametrize("words", [BIG5, "請退還三十元", f"Dear sirs,\n{BIG5}\nRegards"])
def test_unlabelled_big5_is_read(words: str, label: str) -> None:
    head = f"From: a@example.com\nContent-Type: text/plain{label}\n\n".encode()
    assert words.split("\n")[-2:][0] in parse_mail(head + words.encode("big5hkscs")).text


@pytest.mark.parametrize(
    ("words", "codec"),
    [
        ("Ärger über Änderung: Überweisung von 30 € für Österreich, schön", "cp1252"),
        ("Numéro résilié, déjà payé à l'agence; ¡Señor, años! Ação não é à toa", "cp1252"),
        ("我没有订过彩铃，请退还三十元。", "gb18030"),
    ],
)
def test_other_unlabelled_words_are_not_taken_for_big5(words: str, codec: str) -> None:
    mail = parse_mail(b"From: a@example.com\n\n" + words.encode(codec))
    assert mail.text == words
