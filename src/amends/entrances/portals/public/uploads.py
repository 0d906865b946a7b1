"""Files on their way in: held in memory only, cut off at the limit, never a temporary file."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amends.cases.complaints.actions.attach import (
    MAX_FILE_BYTES,
    MAX_FILES,
    NewFile,
    UnableToAttach,
)
from amends.platform.kit.texts import clean

WHY: dict[str, str | Promise] = {
    "empty": _("“%(name)s” is empty. Choose it again, or another file."),
    "too_large": _("“%(name)s” is larger than 5 MB. Send a smaller picture, or only some pages."),
    "too_many": _("“%(name)s” was left out: five files fit. Remove one first."),
    "program": _("“%(name)s” is a program, and those are not taken. Send a picture or a PDF."),
    "type_not_allowed": _(
        "“%(name)s” is of a type we do not take. Send a picture, a PDF, a text or a recording."
    ),
    "name_disagrees_with_content": _(
        "“%(name)s” is not what its ending says. Save it again under its right type."
    ),
}


class LetGo(InMemoryUploadedFile):
    """A file that went past a limit; its bytes were let go."""

    reason = "too_large"


class InMemoryUpToTheLimit(FileUploadHandler):
    """Keeps as many files in memory as may be attached, each up to its limit; the rest goes by."""

    held = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.held < MAX_FILES and self.kept.tell() <= MAX_FILE_BYTES:
            self.kept.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        reason = "too_large" if file_size > MAX_FILE_BYTES else ""
        if self.held >= MAX_FILES:
            reason = "too_many"
        self.held += not reason
        kind = LetGo if reason else InMemoryUploadedFile
        content = BytesIO() if reason else self.kept
        content.seek(0)
        file = kind(
            file=content,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
        if isinstance(file, LetGo):
            file.reason = reason
        return file


def uploaded(request: HttpRequest, field: str) -> tuple[list[NewFile], list[UnableToAttach]]:
    """The files of a form field, and those that went past a limit."""
    files: list[NewFile] = []
    refused: list[UnableToAttach] = []
    for file in request.FILES.getlist(field):
        if isinstance(file, LetGo):
            refused.append(UnableToAttach(file.reason, name=file.name or ""))
        else:
            files.append(NewFile(file.name or "", file.read()))
    return files, refused


def sentence(why: UnableToAttach) -> str:
    """Why a file was not taken and what to do, for a page."""
    return str(WHY.get(why.reason, WHY["type_not_allowed"])) % {"name": clean(why.name)[:80]}
