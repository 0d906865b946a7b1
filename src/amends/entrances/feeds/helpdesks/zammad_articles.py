"""Zammad's articles as the messages of their tickets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from amends.entrances.feeds.helpdesks.files import NO_FILES, DeskFiles, files_of
from amends.entrances.feeds.helpdesks.threads import ThreadMessage, Threads, without_bytes
from amends.platform.kit.html_text import html_to_text

ZAMMAD_CHANNELS = {
    "email": "email",
    "phone": "phone",
    "web": "web",
    "note": "",
    "sms": "sms",
    "chat": "chat",
    "fax": "fax",
    "whatsapp message": "social",
    "telegram personal-message": "social",
    "facebook feed post": "social",
    "facebook feed comment": "social",
    "twitter status": "social",
    "twitter direct-message": "social",
}
_TALK = ("customer", "agent", "system")


def read_articles(
    ticket: Mapping[str, Any], threads: Threads, *, line: int, reread: Callable[[], Any]
) -> None:
    """The articles of one ticket into `threads`; inner ones are left out.

    again  reads the ticket once more, for the bytes of its files
    """
    number = text_of(ticket["number"])
    threads.tickets.add(number)
    for index, article in enumerate(articles_of(ticket)):
        if not isinstance(article, dict):
            message = ThreadMessage(
                ref=str(index + 1), at="", words=str(article), ours=False, line=line
            )
            threads.refuse(number, message, _("is no article of Zammad"))
            continue
        sender, kind = text_of(article.get("sender")).lower(), text_of(article.get("type")).lower()
        # What Zammad notes of itself is for the desk; what it mails of itself the customer has.
        if article.get("internal") or (sender == "system" and kind in ("", "note")):
            threads.leave_out()
            continue
        article_message = _said(article, index, line, reread, ours=sender != "customer")
        if sender in _TALK:
            threads.add(number, article_message)
        else:
            threads.refuse(
                number, article_message, _("does not tell whether the customer or the desk wrote")
            )


def articles_of(ticket: Mapping[str, Any]) -> list[Any]:
    """The articles as the export has them."""
    articles = ticket.get("articles")
    return articles if isinstance(articles, list) else []


def _said(
    article: Mapping[str, Any], index: int, line: int, reread: Callable[[], Any], *, ours: bool
) -> ThreadMessage:
    files = NO_FILES
    if article.get("attachments"):
        files = _files(article, index, reread)
    return ThreadMessage(
        ref=text_of(article.get("id")) or f"{text_of(article.get('created_at'))}#{index}",
        at=text_of(article.get("created_at")),
        words=body(article),
        ours=ours,
        channel=ZAMMAD_CHANNELS.get(text_of(article.get("type")).lower(), ""),
        subject=text_of(article.get("subject")),
        files=without_bytes(files) if ours else files,
        line=line,
    )


def _files(article: Mapping[str, Any], index: int, reread: Callable[[], Any]) -> DeskFiles:
    def once_more() -> object:
        return reread()["articles"][index]["attachments"]

    return files_of(article["attachments"], once_more)


def body(article: Mapping[str, Any]) -> str:
    """The words of an article, plain."""
    text = text_of(article.get("body"))
    return html_to_text(text) if "html" in text_of(article.get("content_type")) else text


def text_of(value: Any) -> str:
    """A value of the export as text; "" where there is none."""
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()
