"""Signed notes (C2SP signed-note): text, a blank line, and lines of Ed25519 signatures.

Read strictly: one byte changed anywhere in text, name or signature, and the note is refused; base64
is accepted only in the one spelling that encoding gives.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _

ED25519 = 1
COSIGNATURE = 4
_DASH = "— "


class UnableToReadNote(BadInput):
    """The text is not a signed note, or not a key."""

    code = "note_malformed"


class UnableToTrust(Refused):
    """A note whose signatures do not bear out what it says."""

    code = "note_not_trusted"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name and a public key, written `name+hash+base64` as in C2SP signed-note."""

    name: str
    public: bytes
    algorithm: int = ED25519

    @property
    def key_id(self) -> bytes:
        """Four bytes that say which key a signature line is for."""
        stated = bytes([self.algorithm]) + self.public
        return sha256(self.name.encode() + b"\n" + stated).digest()[:4]

    def __str__(self) -> str:
        stated = bytes([self.algorithm]) + self.public
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(stated).decode()}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a verifier key; `UnableToReadNote` if any part does not fit the others."""
        name, _plus, remainder = text.strip().partition("+")
        key_id, _plus, encoded = remainder.partition("+")
        stated = unbase64(encoded)
        _check_name(name)
        if len(stated) != 33 or stated[0] not in (ED25519, COSIGNATURE):
            raise UnableToReadNote(_("A verifier key holds a type and 32 bytes of Ed25519."))
        key = cls(name, stated[1:], stated[0])
        if key.key_id.hex() != key_id:
            raise UnableToReadNote(
                _("The hash in the key of %(name)s does not fit it."),
                values={"name": name},
            )
        return key

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's on `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A name and an Ed25519 seed of 32 bytes."""

    name: str
    seed: bytes
    algorithm: int = ED25519

    @property
    def verifier(self) -> VerifierKey:
        """The key to publish."""
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return VerifierKey(self.name, private.public_key().public_bytes_raw(), self.algorithm)

    def sign(self, message: bytes) -> bytes:
        """64 bytes of signature."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    def written(self) -> str:
        """The secret form `PRIVATE+KEY+name+hash+base64`, for a file of mode 600."""
        stated = base64.b64encode(bytes([self.algorithm]) + self.seed).decode()
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{stated}"

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read the secret form."""
        parts = text.strip().split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise UnableToReadNote(_("This is not a signing key."))
        _check_name(parts[2])
        stated = unbase64(parts[4])
        if len(stated) != 33 or stated[0] not in (ED25519, COSIGNATURE):
            raise UnableToReadNote(_("A signing key holds a type and 32 bytes of Ed25519."))
        key = cls(parts[2], stated[1:], stated[0])
        if key.verifier.key_id.hex() != parts[3]:
            raise UnableToReadNote(
                _("The hash in the signing key of %(parts)s does not fit it."),
                values={"parts": parts[2]},
            )
        return key


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line under a note: who signed, with which key, and what."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note taken apart; nothing is verified yet."""

    text: str
    lines: tuple[SignatureLine, ...]

    def by(self, key: VerifierKey) -> SignatureLine | None:
        """The line that claims to be signed with `key`."""
        for line in self.lines:
            if line.name == key.name and line.key_id == key.key_id:
                return line
        return None


def sign_note(text: str, key: SigningKey) -> str:
    """The note with one signature."""
    _check_text(text)
    return f"{text}\n{SignatureLine(key.name, key.verifier.key_id, key.sign(text.encode()))}"


def read_note(note: str) -> Note:
    """Take a note apart; `UnableToReadNote` if it is not one."""
    text, blank, signed = note.rpartition("\n\n")
    if not blank or not signed.endswith("\n"):
        raise UnableToReadNote(_("A signed note has a text, a blank line and signatures."))
    text += "\n"
    _check_text(text)
    lines = tuple(_read_line(line) for line in signed[:-1].split("\n"))
    if len(lines) > 100 or len({(line.name, line.key_id) for line in lines}) < len(lines):
        raise UnableToReadNote(_("A note bears one signature of a key, and at most 100 of them."))
    return Note(text, lines)


def verified_note(note: str, keys: Iterable[VerifierKey]) -> Note:
    """The note, if at least one of `keys` signed it and none of their lines is false.

    Lines of other keys are passed over, as the standard demands. Raises `UnableToTrust`.
    """
    opened = read_note(note)
    verified_count = 0
    for key in keys:
        line = opened.by(key)
        if line is None:
            continue
        if not key.verifies(opened.text.encode(), line.signature):
            raise UnableToTrust(
                _("The signature of %(name)s does not fit the note."),
                values={"name": key.name},
            )
        verified_count += 1
    if not verified_count:
        raise UnableToTrust(
            _("The note is not signed with a key that is trusted here."),
            next_step=_("Compare the verifier key with the one the operator published."),
        )
    return opened


def unbase64(text: str) -> bytes:
    """Decode base64, refusing every spelling but the one the encoder writes."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnableToReadNote(_("There is text that is not base64.")) from error
    if base64.b64encode(decoded).decode() != text:
        raise UnableToReadNote(_("There is base64 in an unusual spelling."))
    return decoded


def _read_line(line: str) -> SignatureLine:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise UnableToReadNote(_("A signature line does not begin with a dash and a name."))
    _check_name(name)
    signed = unbase64(encoded)
    if len(signed) < 5:
        raise UnableToReadNote(
            _("The signature of %(name)s is too short."),
            values={"name": name},
        )
    return SignatureLine(name, signed[:4], signed[4:])


def _check_name(name: str) -> None:
    if not name or "+" in name or any(char.isspace() for char in name) or _has_control(name):
        raise UnableToReadNote(
            _("“%(name)s” cannot be the name of a key."),
            values={"name": name},
        )


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _has_control(text.replace("\n", "")):
        raise UnableToReadNote(_("A note is lines of text without control characters."))


def _has_control(text: str) -> bool:
    return any(unicodedata.category(char) in ("Cc", "Cs") for char in text)
