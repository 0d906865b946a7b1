"""Files in the export of another desk: kept where their bytes came along, else told by name."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.translation import gettext as _

from amends.cases.complaints.actions.attach import NewFile, UnableToAttach, checked
from amends.cases.complaints.actions.intake import Files
from amends.platform.kit.languages import message_language
from amends.platform.kit.received_files import MAX_FILE_BYTES, MAX_FILES, safe_name

MOST_NAMED = 50


@dataclass(frozen=True, slots=True)
class DeskFiles:
    """The files of one message: names and sizes of those left behind, and how to read the others.

    carried  names of those whose bytes came along and may be kept
    """

    left: tuple[tuple[str, int], ...] = ()
    stored: tuple[str, ...] = ()
    read: Files | None = None

    def noted(self, text: str) -> str:
        """What stands under the words of the message, in their language; "" for nothing."""
        if not self.left and (text or not self.stored):
            return ""
        language = message_language(text, expected=settings.CUSTOMER_LANGUAGES)
        spoken = {"zh": "zh-hans", "en": "en"}.get(language)
        with translation.override(spoken or translation.get_language()):
            if not self.left:
                return _("Files: %(names)s") % {"names": ", ".join(self.stored)}
            names = ", ".join(_named(name, size) for name, size in self.left[:MOST_NAMED])
            if (more := len(self.left) - MOST_NAMED) > 0:
                names = f"{names}, … (+{more})"
            return _("Files left in the former desk: %(names)s") % {"names": names}


NO_FILES = DeskFiles()


def files_of(attachments: object, reread: Callable[[], object] | None) -> DeskFiles:
    """The files a message lists, as Zammad's articles do: `filename`, `size` and perhaps `data`.

    again  reads the same list once more when the files are kept; None: they are told by name only
    """
    listed = list(_listed(attachments))
    left: list[tuple[str, int]] = []
    stored: dict[int, str] = {}
    for index, attachment in listed:
        name, content = safe_name(str(attachment.get("filename") or "")), _content(attachment)
        size = len(content) if content else _size(attachment.get("size"))
        if content and reread and len(stored) < MAX_FILES and _is_allowed(name, content):
            stored[index] = name
        else:
            left.append((name, size))
    if not listed:
        return NO_FILES
    return DeskFiles(
        tuple(left), tuple(stored.values()), _reader(reread, stored) if reread and stored else None
    )


def _reader(reread: Callable[[], object], indexes: Iterable[int]) -> Files:
    wanted = frozenset(indexes)

    def read() -> Sequence[tuple[str, bytes]]:
        return [
            (safe_name(str(attachment.get("filename") or "")), _content(attachment))
            for index, attachment in _listed(reread())
            if index in wanted
        ]

    return read


def _listed(attachments: object) -> Iterable[tuple[int, Mapping[str, Any]]]:
    """Files with their place; what a desk keeps beside a message as its own form is none."""
    if not isinstance(attachments, list):
        return
    for index, attachment in enumerate(attachments):
        if not isinstance(attachment, dict):
            continue
        preferences = attachment.get("preferences")
        preferences = preferences if isinstance(preferences, dict) else {}
        if not preferences.get("original-format") and not preferences.get("content-alternative"):
            yield index, attachment


def _content(attachment: Mapping[str, Any]) -> bytes:
    data = attachment.get("data")
    if not isinstance(data, str) or not data:
        return b""
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_allowed(name: str, content: bytes) -> bool:
    try:
        checked(NewFile(name, content), max_bytes=MAX_FILE_BYTES)
    except UnableToAttach:
        return False
    return True


def _size(stated_size: object) -> int:
    text = str(stated_size if stated_size is not None else "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0


def _named(name: str, size: int) -> str:
    return f"{name} ({filesizeformat(size)})" if size else name
