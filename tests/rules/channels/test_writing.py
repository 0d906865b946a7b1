"""Whatever a letter is made of, the mail is whole, in ASCII, and says only what it should."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.channels.mail.reading.parse import parse_mail
from amends.channels.mail.writing import OutgoingMail, verify_headers, write_mail

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200)


def letter(**changes):
    fields = {
        "outbox_id": "0" * 32,
        "domain": "operator.example",
        "from_name": "投诉处理",
        "from_address": "complaints@operator.example",
        "recipient": "han@example.com",
        "subject": "Hello",
        "body": "Hello",
        "language": "en",
    }
    return OutgoingMail(**{**fields, **changes})


@given(subject=WORDS, body=WORDS, name=WORDS, references=st.lists(WORDS, max_size=4))
def test_any_words_make_one_whole_mail(subject, body, name, references):
    raw = write_mail(
        letter(subject=subject, body=body, from_name=name, references=tuple(references)), now=NOW
    )
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    mail = email.message_from_bytes(raw, policy=default)
    assert sorted(set(mail.keys())) == sorted(
        set(mail.keys())
        & {
            "Message-ID",
            "In-Reply-To",
            "References",
            "Date",
            "From",
            "To",
            "Subject",
            "Auto-Submitted",
            "X-Auto-Response-Suppress",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding",
            "Content-Language",
        }
    )
    assert mail.get_content().replace("\r\n", "\n") == body.rstrip("\n") + "\n"


@given(subject=st.text(max_size=80))
def test_a_subject_cannot_add_a_header(subject):
    raw = write_mail(letter(subject=subject + "\r\nBcc: spy@example.com"), now=NOW)
    assert b"\nBcc:" not in raw


@pytest.mark.parametrize(
    "word",
    [
        "=?utf-8?q?a=0d=0aBcc:_spy@example.com=0d=0a=0d=0aforged?=",
        "=?utf-8?b?DQpCY2M6IHNweUBleGFtcGxlLmNvbQ0KDQpmb3JnZWQ=?=",
        "=\u2028?utf-8?q?=0a=0aforged?=",
        "=\x00?utf-8?q?=0a=0aforged?=",
    ],
)
def test_an_encoded_word_in_what_strangers_wrote_stays_words(word):
    raw = write_mail(letter(subject=f"Re: {word}", from_name=word), now=NOW)
    mail = email.message_from_bytes(raw, policy=default)
    assert (mail["Bcc"], mail.get_content(), mail.defects) == (None, "Hello\r\n", [])
    assert mail["Subject"].startswith("Re: = ?utf-8?")
    for recipient in (f"{word}@example.com", f"han@{word}"):
        with pytest.raises(ValueError, match="no mail"):
            write_mail(letter(recipient=recipient), now=NOW)


def test_a_header_with_a_line_break_is_never_written():
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = "=?utf-8?q?a=0d=0aBcc:_x?="
    # Newer versions of Python encode the line break again; older ones would write it as it is.
    if b"\nBcc:" in mail.as_bytes():
        with pytest.raises(ValueError, match="Subject"):
            verify_headers(mail)


def test_our_own_letters_are_told_from_a_persons():
    mail = parse_mail(
        write_mail(letter(body="您好", subject="关于您的投诉", language="zh"), now=NOW)
    )
    assert (mail.automatic, mail.text, mail.subject) == ("generated", "您好", "关于您的投诉")
    assert mail.message_id == "0" * 32 + "@operator.example"


def test_a_long_domain_does_not_ruin_the_ids():
    domain = "complaints-and-service-quality." + "x" * 60 + ".operator.example"
    raw = write_mail(letter(domain=domain, references=("a" * 100 + "@" + domain,)), now=NOW)
    assert f"Message-ID: <{'0' * 32}@{domain}>\r\n".encode() in raw
    assert f"References: <{'a' * 100}@{domain}>\r\n".encode() in raw
