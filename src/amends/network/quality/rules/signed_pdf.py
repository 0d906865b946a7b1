"""A PDF that its reader can verify offline: the statement over its bytes follows its end.

    …%%EOF
    %amends-statement BASE64       base64 of a signed note: format, reference, SHA-256 of the rest

Readers of PDF pass over the comment; `amends quality protocol verify` reads it.
"""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256

from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.vault.signed_notes import SigningKey, VerifierKey, sign_note, verified_note

FORMAT = "amends-speed-protocol@1"
_MARK = b"\n%amends-statement "


class UnableToReadProtocol(BadInput):
    """The file bears no statement of a protocol."""

    code = "unable_to_read_protocol"


class UnableToVerifyProtocol(Refused):
    """The file is not as it was signed."""

    code = "protocol_changed"


def signed(pdf: bytes, reference: str, key: SigningKey) -> bytes:
    """The PDF with a statement over its bytes and its reference."""
    note = sign_note(f"{FORMAT}\n{reference}\n{sha256(pdf).hexdigest()}\n", key)
    return pdf + _MARK + base64.b64encode(note.encode()) + b"\n"


def verified(file: bytes, key: VerifierKey) -> str:
    """The reference of a protocol that is as it was signed with `key`.

    Raises `UnableToReadProtocol`, `UnableToTrust` for another key, `UnableToVerifyProtocol`.
    """
    pdf, mark, encoded = file.rpartition(_MARK)
    try:
        raw = base64.b64decode(encoded.removesuffix(b"\n"), validate=True)
        # One spelling only: a line feed more is a change of the file, too.
        note = raw.decode() if encoded == base64.b64encode(raw) + b"\n" else ""
    except (binascii.Error, UnicodeDecodeError):
        note = ""
    if not mark or not note:
        raise UnableToReadProtocol(
            _("This is no protocol of speed tests, or its end is missing."),
            next_step=_("Take the file as it was downloaded; printing loses the signature."),
        )
    lines = verified_note(note, [key]).text.split("\n")
    if len(lines) != 4 or lines[0] != FORMAT or lines[2] != sha256(pdf).hexdigest():
        raise UnableToVerifyProtocol(
            _("The protocol was changed after it was signed."),
            meaning=_("It proves nothing."),
            next_step=_("Download it again from the page of the campaign."),
        )
    return lines[1]
