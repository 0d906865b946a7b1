"""The files of a complaint by their names; what opens one is `actions/attach.py`."""

from __future__ import annotations

from dataclasses import dataclass

from amends.cases.complaints.models import Attachment
from amends.platform.database.prepared_queries import PreparedQuery
from amends.platform.vault import stored_files
from amends.platform.vault.sealing import open_sealed

FILES = stored_files.FileStore("complaints_attachment", "key", "complaints")

PREVIEWED = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Types by content, as `inspect_file` finds them."""


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file that came with a contact, by its name."""

    id: str
    contact: str
    name: str
    media_type: str
    size_bytes: int

    @property
    def can_preview(self) -> bool:
        """Whether a page may show it: a browser only draws a picture."""
        return self.media_type in PREVIEWED


_ATTACHMENTS = PreparedQuery(
    lambda ref: Attachment.objects.filter(contact__complaint=ref).order_by("id")
)


def attachments_of(ref: str) -> list[AttachmentView]:
    """The files of a complaint in the order they came; the caller answers for the right to see."""
    return [
        AttachmentView(
            id=row.id,
            contact=row.contact_id,
            name=attachment_name(row),
            media_type=row.media_type,
            size_bytes=row.size_bytes,
        )
        for row in _ATTACHMENTS.rows(ref)
    ]


def attachment_name(row: Attachment) -> str:
    """The name of a file, safe to show and to save under."""
    return open_sealed(FILES.table, "name", row.id, bytes(row.name))
