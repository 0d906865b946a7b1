"""One invented person leaves personal data on every way into the house, and on every way out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from amends.channels.actions.record_call import take_down
from amends.channels.mail.fetch import take_in
from amends.channels.mail.settings import mail_settings
from amends.entrances.feeds.complaints.import_file import ImportWishes, import_complaints
from amends.entrances.feeds.imports.facts import import_facts
from amends.entrances.portals.actions.clients import make_client
from amends.entrances.portals.jobs.receive_sent import receive_sent
from amends.people.subscribers.actions.register import NewSubscriber
from amends.platform.tabular.exports import write_csv
from amends.platform.tabular.report import FileReport
from amends.site.dispatch import dispatch

ZONE = ZoneInfo("Asia/Shanghai")
HEADER = (
    "投诉内容",
    "投诉时间",
    "手机号",
    "姓名",
    "邮箱",
    "地区",
    "业务号",
    "工单号",
    "期望",
    "渠道",
)


def words_of(person: NewSubscriber) -> str:
    """A complaint that names everything about its writer."""
    return (
        f"我叫{person.name}，手机{person.phone}，身份证{person.id_card}，住在{person.address}，"
        f"邮箱{person.email}。你们每月多扣我10块钱彩铃费，我从来没有订过！"
    )


def web_form(client: Client, person: NewSubscriber, *, send: bool = True) -> None:
    """The four pages of the public form with a file; without `send` it stays a draft."""
    bill = SimpleUploadedFile(
        f"账单{person.phone}.txt", words_of(person).encode(), content_type="text/plain"
    )
    _posted(client, "/complain/", text=words_of(person), wanted=f"回电{person.phone}", files=bill)
    _posted(client, "/complain/about/", about=person.phone)
    _posted(client, "/complain/reach/", phone=person.phone, email=person.email, name=person.name)
    if send:
        _posted(client, "/complain/check/", agreed="on")
        receive_sent(now=timezone.now())


def _posted(client: Client, address: str, **fields: object) -> None:
    answer = client.post(address, fields)
    assert answer.status_code == 302, (address, answer.status_code, answer.content.decode()[:2000])


def api(client: Client, people: Sequence[NewSubscriber], *, now: datetime) -> str:
    """Each person handed over by a system that puts numbers where references belong; its token."""
    token = make_client("shop", scopes=["complaints:write", "complaints:read"], now=now)
    for person in people:
        answer = client.post(
            "/api/v1/complaints",
            orjson.dumps(
                {
                    "text": words_of(person),
                    "phone": person.phone,
                    "email": person.email,
                    "name": person.name,
                    "service": person.phone,
                    "wanted": f"打{person.phone}",
                }
            ),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": person.phone},
        )
        assert answer.status_code in {200, 201}, answer.content
    return token


def mail(person: NewSubscriber, *, now: datetime, number: int = 0) -> None:
    """A mail with the person's data in subject, body, file and file name, as it comes by IMAP."""
    message = EmailMessage(policy=SMTP)
    message["From"] = f"{person.name} <{person.email}>"
    message["To"] = "complaints@operator.example"
    message["Subject"] = f"投诉 {person.phone} {person.id_card}"
    message["Message-ID"] = f"<{person.phone}.{number}@invented.example>"
    message.set_content(words_of(person))
    message.add_attachment(
        words_of(person).encode(),
        maintype="text",
        subtype="plain",
        filename=f"证件{person.id_card}.txt",
    )
    take_in(message.as_bytes(), now, settings=mail_settings(), now=now)


def call(person: NewSubscriber, *, now: datetime) -> None:
    """A call noted by a centre that names calls by the caller's number."""
    take_down(
        call=f"{person.phone}-{now:%H%M}",
        text=words_of(person),
        started_at=now,
        now=now,
        caller=person.phone,
    )


def dispatched(*, now: datetime) -> None:
    """Everything that waits becomes contacts."""
    while dispatch(now=now, holder="test"):
        pass


def file_of(people: Sequence[NewSubscriber], path: Path, *, now: datetime) -> Path:
    """A CSV with the people's data in every column; each 50th row is one that is refused."""
    day = now.astimezone(ZONE)
    rows = [
        (
            words_of(person),
            f"{person.phone} {person.id_card}" if number % 50 == 49 else f"{day:%Y-%m-%d %H:%M}",
            person.phone,
            person.name,
            person.email,
            person.address,
            person.phone,
            f"T{number}" if number % 2 else person.phone,
            f"打{person.phone}",
            f"电话 {person.phone}",
        )
        for number, person in enumerate(people)
    ]
    with path.open("w", encoding="utf-8", newline="") as out:
        write_csv(out, HEADER, rows)
    return path


def imported(
    people: Sequence[NewSubscriber], folder: Path, *, rejects: Path, now: datetime
) -> FileReport:
    """The file of `people`, imported live; the file itself is the operator's, and removed."""
    path = file_of(people, folder / "old-desk.csv", now=now)
    report = import_complaints(
        path, wishes=ImportWishes(live=True), rejects=rejects, zone=ZONE, now=now
    )
    path.unlink()
    return report


def feeds(
    people: Sequence[NewSubscriber], subscribers: Sequence[str], folder: Path, *, now: datetime
) -> FileReport:
    """A feed of a billing system that calls a line by its number, and types into a free field."""
    path = folder / "feed.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        write_csv(
            out,
            (
                "kind",
                "happened_at",
                "source",
                "subscriber",
                "subject",
                "charge",
                "charge_kind",
                "offer",
                "amount_minor",
                "currency",
                "unit",
            ),
            [
                (
                    "ChargeMade",
                    now.isoformat(),
                    "billing",
                    subscriber if number % 4 else one.phone,
                    one.phone,
                    f"chg-{number}",
                    "usage",
                    one.phone,
                    100,
                    "CNY",
                    words_of(one),
                )
                for number, (one, subscriber) in enumerate(zip(people, subscribers, strict=True))
            ],
        )
    report = import_facts(
        path, rejects=folder / "rejects" / "feed.csv", now=now, progress=lambda done, total: None
    )
    path.unlink()
    return report
