"""Sending to a real SMTP server: what is written, what each answer means, what stays in the house."""

from __future__ import annotations

import email
from datetime import timedelta
from email.policy import default

import pytest
from django.core.exceptions import ImproperlyConfigured

from amends.channels.actions.claim import claim
from amends.channels.actions.receive import Incoming, receive
from amends.channels.jobs.send_due import send_due
from amends.channels.mail.send import open_sender
from amends.channels.mail.settings import mail_settings
from amends.channels.models import OutboxMessage
from mailservers.certificate import make_certificates
from mailservers.smtp import SmtpServer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def mail_environment(monkeypatch):
    monkeypatch.setenv("AMENDS_MAIL_FROM", "投诉处理 <complaints@operator.example>")
    monkeypatch.setenv("AMENDS_MAIL_TIMEOUT_S", "5")


@pytest.fixture
def server(monkeypatch):
    running = SmtpServer()
    monkeypatch.setenv("AMENDS_SMTP_URL", running.url)
    yield running
    running.stop()


@pytest.fixture
def post_mail(post_mail, monkeypatch):
    """Post with the settings of the test, not with a switch of the test's own."""
    from amends.channels.register import register_senders

    register_senders()
    return post_mail


def row(message):
    return OutboxMessage.objects.get(pk=message.pk)


def test_a_mail_says_what_it_should_and_that_a_program_wrote_it(server, post_mail, now):
    posted = post_mail(subject="关于您的投诉 7QX2-M9T4-0AB8", body="您好：\n.已退还三元。\n")
    assert send_due(clock=lambda: now) == {"sent": 1}
    [taken] = server.accepted
    mail = email.message_from_bytes(taken.content, policy=default)
    assert taken.recipient == "han.meimei@example.com"
    assert mail["Subject"] == "关于您的投诉 7QX2-M9T4-0AB8"
    assert mail["From"].addresses[0].display_name == "投诉处理"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{posted.pk}@operator.example>"
    assert mail["Content-Language"] == "zh-CN"
    assert mail.get_content() == "您好：\r\n.已退还三元。\r\n"
    assert taken.content.isascii()
    assert row(posted).provider_message_id == f"{posted.pk}@operator.example"


def test_a_line_that_begins_with_a_dot_does_not_end_the_mail(server, post_mail, now):
    post_mail(body="Dear Ann,\n.\n..\nEnd.", language="en")
    send_due(clock=lambda: now)
    mail = email.message_from_bytes(server.accepted[0].content, policy=default)
    assert mail.get_content().splitlines() == ["Dear Ann,", ".", "..", "End."]


def test_an_answer_joins_the_thread_of_what_it_answers(server, post_mail, now):
    arrived = receive(
        Incoming(
            channel="mail",
            external_id="x",
            sender="a@example.com",
            text="?",
            received_at=now,
            origin_id="first@example.com second@example.com",
        ),
        now=now,
    )
    post_mail(in_reply_to=arrived.pk)
    send_due(clock=lambda: now)
    mail = email.message_from_bytes(server.accepted[0].content, policy=default)
    assert mail["In-Reply-To"] == "<second@example.com>"
    assert mail["References"] == "<first@example.com> <second@example.com>"


@pytest.mark.parametrize(
    ("recipient", "state", "permanent"),
    [
        ("nobody@example.com", "failed", True),
        ("spam@example.com", "failed", True),
        ("grey@example.com", "queued", False),
        ("full@example.com", "queued", False),
        ("no address", "failed", True),
        ("a@example.com\nBcc: b@example.com", "failed", True),
        ("张三@example.cn", "sent", False),
        ("li@例子.cn", "sent", False),
    ],
)
def test_each_answer_of_a_server_has_its_meaning(
    server, post_mail, now, recipient, state, permanent
):
    message, neighbour = post_mail(recipient=recipient), post_mail()
    send_due(clock=lambda: now)
    stored = row(message)
    assert (stored.state, stored.permanent) == (state, permanent)
    assert row(neighbour).state == "sent", "one refusal does not hurt the next message"
    assert "@example" not in stored.error


def test_a_lost_answer_leaves_the_message_unknown_and_it_is_not_sent_again(server, post_mail, now):
    message = post_mail(recipient="lost@example.com")
    server.handler.hang_up.add("lost")
    assert send_due(clock=lambda: now) == {"unknown": 1}
    for hours in (1, 24, 24 * 30):
        send_due(clock=lambda hours=hours: now + timedelta(hours=hours))
    assert len(server.accepted) == 1
    assert row(message).state == "unknown"


def test_a_sender_that_lost_its_lease_sends_nothing_and_goes_on(server, post_mail, now):
    lost, kept = post_mail(), post_mail()
    first, second = claim("mail", holder="a", now=now)
    asked_before = []

    def begin():
        asked_before.append(len(server.accepted))
        return True

    with open_sender(lambda: now) as sender:
        assert sender.send(first, begin=lambda: False) is None
        assert sender.send(second, begin=begin).kind == "sent"
    assert asked_before == [0], "asked before the server has the whole mail"
    assert [taken.content.count(kept.pk.encode()) for taken in server.accepted] == [1]
    assert row(lost).state == "leased"


def test_a_refused_sender_address_fails_no_message_for_good(server, post_mail, now):
    server.handler.refuse_sender = True
    message = post_mail()
    assert send_due(clock=lambda: now) == {"queued": 1}
    assert not row(message).permanent


def test_a_server_that_is_away_costs_no_try(monkeypatch, post_mail, now):
    monkeypatch.setenv("AMENDS_SMTP_URL", "smtp+plain://127.0.0.1:1")
    message = post_mail()
    assert send_due(clock=lambda: now) == {"unreachable": 1}
    assert (row(message).state, row(message).attempts) == ("queued", 0)


def test_without_settings_nothing_leaves_the_house(monkeypatch, post_mail, now):
    monkeypatch.delenv("AMENDS_SMTP_URL", raising=False)
    assert post_mail().state == "held"
    assert send_due(clock=lambda: now + timedelta(days=1)) == {}


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_tls_and_sign_in(certificates, monkeypatch, post_mail, now, scheme):
    server = SmtpServer(certificates=certificates, scheme=scheme)
    try:
        monkeypatch.setenv("AMENDS_SMTP_URL", server.url)
        post_mail()
        assert send_due(clock=lambda: now) == {"unreachable": 1}, "an unknown authority is refused"
        monkeypatch.setenv("AMENDS_MAIL_CA_FILE", str(certificates.authority))
        monkeypatch.setenv("AMENDS_SMTP_URL", server.url.replace("fish", "bone"))
        assert send_due(clock=lambda: now) == {"unreachable": 1}, "a wrong password is refused"
        assert server.accepted == []
        monkeypatch.setenv("AMENDS_SMTP_URL", server.url)
        assert send_due(clock=lambda: now) == {"sent": 1}
    finally:
        server.stop()


def test_a_server_without_starttls_gets_no_mail(server, monkeypatch, post_mail, now):
    monkeypatch.setenv("AMENDS_SMTP_URL", server.url.replace("smtp+plain", "smtp"))
    post_mail()
    assert send_due(clock=lambda: now) == {"unreachable": 1}
    assert server.accepted == []


WRONG = {
    "AMENDS_SMTP_URL": [
        "mail.example.com",
        "http://mail.example.com",
        "smtps://",
        "smtps://h:port",
        "smtp+plain://mail.example.com",
        "smtps://user@mail.example.com",
    ],
    "AMENDS_IMAP_URL": [
        "imaps://mail.example.com",
        "imap+plain://u:p@mail.example.com",
        "pop://u:p@h",
    ],
    "AMENDS_MAIL_FROM": ["complaints", "Complaints <>"],
    "AMENDS_MAIL_MAX_MB": ["0", "1000", "many", "-3"],
    "AMENDS_MAIL_TIMEOUT_S": ["0", "soon"],
    "AMENDS_MAIL_CA_FILE": ["/nowhere/ca.pem"],
    "AMENDS_SMTP_PASSWORD_FILE": ["/nowhere/password"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_setting_that_cannot_be_used_stops_the_start(monkeypatch, name, value):
    if name == "AMENDS_SMTP_PASSWORD_FILE":
        monkeypatch.setenv("AMENDS_SMTP_URL", "smtps://user@mail.example.com")
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name.removesuffix("_URL")) as refusal:
        mail_settings()
    assert "p@" not in str(refusal.value)


def test_a_password_may_stand_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "password").write_text("s3cret\n")
    monkeypatch.setenv("AMENDS_IMAP_URL", "imaps://desk@mail.example.com/Complaints")
    monkeypatch.setenv("AMENDS_IMAP_PASSWORD_FILE", str(tmp_path / "password"))
    server = mail_settings().imap
    assert (server.password, server.port, server.folder) == ("s3cret", 993, "Complaints")
    assert "s3cret" not in repr(server)
    monkeypatch.setenv("AMENDS_IMAP_URL", "imaps://desk:other@mail.example.com")
    with pytest.raises(ImproperlyConfigured, match="keep one"):
        mail_settings()


def test_sending_needs_an_address_of_our_own(monkeypatch):
    monkeypatch.delenv("AMENDS_MAIL_FROM")
    monkeypatch.setenv("AMENDS_SMTP_URL", "smtps://mail.example.com")
    with pytest.raises(ImproperlyConfigured, match="AMENDS_MAIL_FROM"):
        mail_settings()
