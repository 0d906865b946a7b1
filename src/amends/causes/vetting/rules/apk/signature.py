"""How an app is signed, and whether the signature verifies.

Schemes: JAR signing (v1) and the signing block (v2, v3, v3.1) as https://source.android.com/docs/
security/features/apksigning describes them. A device goes by the newest scheme it knows, so the
newest one present is verified, and v1 where it is the only one.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    pkcs7,
)

from amends.causes.vetting.rules.apk import der
from amends.causes.vetting.rules.apk.archive import Archive
from amends.causes.vetting.rules.apk.facts import SignatureFacts, Signer
from amends.platform.kit.errors import gettext_noop as _

V2, V3, V31 = 0x7109871A, 0xF05368C0, 0x1B93AD61
_LINEAGE = 0x3BA06F8C
_MAGIC = b"APK Sig Block 42"
_MOST_BLOCK = 50_000_000
_CHUNK = 1 << 20
_MOST_SIGNATURE_FILE = 20_000_000
_STRIPPED = re.compile(rb"^X-Android-APK-Signed:.*[23]", re.MULTILINE)

NOT_SIGNED = _("The app is not signed.")
STRIPPED = _("A newer signature was removed from the app.")
INVALID = _("The signature does not match the content of the app.")

_PSS_256, _PSS_512 = 0x0101, 0x0102
_RSA_256, _RSA_512 = 0x0103, 0x0104
_EC_256, _EC_512 = 0x0201, 0x0202
_DSA_256 = 0x0301
_VERITY_RSA, _VERITY_EC, _VERITY_DSA = 0x0421, 0x0423, 0x0425
_HASHES: dict[int, hashes.HashAlgorithm] = {
    _PSS_256: hashes.SHA256(),
    _PSS_512: hashes.SHA512(),
    _RSA_256: hashes.SHA256(),
    _RSA_512: hashes.SHA512(),
    _EC_256: hashes.SHA256(),
    _EC_512: hashes.SHA512(),
    _DSA_256: hashes.SHA256(),
    _VERITY_RSA: hashes.SHA256(),
    _VERITY_EC: hashes.SHA256(),
    _VERITY_DSA: hashes.SHA256(),
}
_DIGEST_OIDS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_WEAKEST = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


class _Broken(Exception):
    """A signature that does not verify, or cannot be read."""


@dataclass(frozen=True, slots=True)
class _Verified:
    certificates: list[bytes]
    lineage: list[bytes]


def signature_facts(archive: Archive) -> SignatureFacts:
    """The schemes, certificates and faults of an app's signature."""
    block = _block(archive)
    signed_files = _v1_files(archive)
    schemes = ["v1"] if signed_files else []
    schemes += [name for name, number in (("v2", V2), ("v3", V3), ("v3.1", V31)) if number in block]
    if not schemes:
        return SignatureFacts(problem=NOT_SIGNED)
    digest, problem = "", ""
    certificates: list[bytes] = []
    lineage: list[bytes] = []
    try:
        if signed_files:
            v1 = _V1(archive, signed_files)
            digest, certificates = v1.digest(), v1.certificates()
            if len(schemes) == 1:
                v1.verify()
        for number in (V2, V3, V31):
            if number in block:
                verified = _verify_scheme(archive, block, number)
                certificates, lineage = verified.certificates, verified.lineage or lineage
    except _Broken as broken:
        problem = str(broken) or INVALID
    except (
        ValueError,
        TypeError,
        IndexError,
        StopIteration,
        struct.error,
        InvalidSignature,
        UnsupportedAlgorithm,
    ):
        problem = INVALID
    return SignatureFacts(
        schemes=schemes,
        signers=[_signer(certificate) for certificate in certificates],
        digest=digest,
        lineage=[hashlib.sha256(certificate).hexdigest() for certificate in lineage],
        problem=problem,
    )


def _signer(certificate: bytes) -> Signer:
    fingerprint = hashlib.sha256(certificate).hexdigest()
    try:
        read = x509.load_der_x509_certificate(certificate)
        key = read.public_key()
        subject = read.subject.rfc4514_string()[:500]
    except (ValueError, UnsupportedAlgorithm, TypeError):
        return Signer(fingerprint)
    kinds = (
        (rsa.RSAPublicKey, "rsa"),
        (ec.EllipticCurvePublicKey, "ec"),
        (dsa.DSAPublicKey, "dsa"),
    )
    return Signer(
        sha256=fingerprint,
        subject=subject,
        algorithm=_signed_with(read),
        key=next((name for kind, name in kinds if isinstance(key, kind)), ""),
        bits=getattr(key, "key_size", 0),
    )


def _signed_with(certificate: x509.Certificate) -> str:
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return ""
    return algorithm.name if algorithm else ""


# The signing block.


def _block(archive: Archive) -> dict[int, bytes]:
    """The parts of the signing block by number; none where there is no block."""
    end = archive.directory_at
    if end < 32 or archive.between(end - 16, end) != _MAGIC:
        return {}
    (size,) = struct.unpack("<Q", archive.between(end - 24, end - 16))
    if not 24 <= size <= min(end - 8, _MOST_BLOCK):
        return {}
    data = archive.between(end - size, end - 24)
    parts: dict[int, bytes] = {}
    at = 0
    while at + 12 <= len(data):
        length, number = struct.unpack_from("<QI", data, at)
        if length < 4 or at + 8 + length > len(data):
            break
        parts.setdefault(number, data[at + 12 : at + 8 + length])
        at += 8 + length
    return parts


def _block_at(archive: Archive) -> int:
    end = archive.directory_at
    (size,) = struct.unpack("<Q", archive.between(end - 24, end - 16))
    return end - int(size) - 8


class _Cursor:
    """Reads what is written with its length in front."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def number(self) -> int:
        (value,) = struct.unpack_from("<I", self.data, self.at)
        self.at += 4
        return int(value)

    def part(self) -> bytes:
        length = self.number()
        if self.at + length > len(self.data):
            raise _Broken
        self.at += length
        return self.data[self.at - length : self.at]

    def parts(self) -> Iterator[bytes]:
        """The parts of the next part."""
        inner = _Cursor(self.part())
        while inner.at < len(inner.data):
            yield inner.part()


def _verify_scheme(archive: Archive, block: dict[int, bytes], number: int) -> _Verified:
    certificates: list[bytes] = []
    lineage: list[bytes] = []
    for signer in _Cursor(block[number]).parts():
        verified = _verify_signer(archive, signer, number)
        certificates += verified.certificates
        lineage += verified.lineage
    if not certificates:
        raise _Broken
    return _Verified(certificates, lineage)


def _verify_signer(archive: Archive, signer: bytes, number: int) -> _Verified:
    outer = _Cursor(signer)
    signed = outer.part()
    if number != V2:
        outer.number()
        outer.number()
    signatures = [_numbered(part) for part in outer.parts()]
    public_key = outer.part()
    known_signatures = [
        (algorithm, signature_bytes)
        for algorithm, signature_bytes in signatures
        if algorithm in _HASHES
    ]
    if not known_signatures:
        raise _Broken
    for algorithm, signature in known_signatures:
        _verify(public_key, algorithm, signature, signed)
    inner = _Cursor(signed)
    digests = dict(_numbered(part) for part in inner.parts())
    certificates = list(inner.parts())
    if number != V2:
        inner.number()
        inner.number()
    attributes = list(inner.parts())
    if not certificates or _public_key(certificates[0]) != public_key:
        raise _Broken
    if digests.keys() != dict(signatures).keys():
        raise _Broken
    for algorithm, digest in digests.items():
        if algorithm in (_PSS_256, _RSA_256, _EC_256, _DSA_256):
            _check_digest(archive, "sha256", digest)
        elif algorithm in (_PSS_512, _RSA_512, _EC_512):
            _check_digest(archive, "sha512", digest)
    lineage: list[bytes] = []
    for attribute in attributes:
        kind, value = struct.unpack_from("<I", attribute)[0], attribute[4:]
        if kind == _LINEAGE and number != V2:
            lineage = _verified_lineage(value)
    if lineage and lineage[-1] != certificates[0]:
        raise _Broken
    return _Verified(certificates[:1], lineage)


def _numbered(data: bytes) -> tuple[int, bytes]:
    cursor = _Cursor(data)
    return cursor.number(), cursor.part()


def _verified_lineage(value: bytes) -> list[bytes]:
    """Certificates of a proof of rotation, oldest first, each signed by the one before.

    A level states the algorithm that its key signs the next level with.
    """
    cursor = _Cursor(value)
    cursor.number()
    certificates: list[bytes] = []
    algorithm = 0
    while cursor.at < len(value):
        level = _Cursor(cursor.part())
        signed = level.part()
        level.number()
        own_algorithm = level.number()
        signature = level.part()
        if certificates:
            _verify(_public_key(certificates[-1]), algorithm, signature, signed)
        certificates.append(_Cursor(signed).part())
        algorithm = own_algorithm
    return certificates


def _public_key(certificate: bytes) -> bytes:
    key = x509.load_der_x509_certificate(certificate).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _verify(public_key: bytes, algorithm: int, signature: bytes, signed: bytes) -> None:
    key = load_der_public_key(public_key)
    digest = _HASHES.get(algorithm)
    if digest is None:
        raise _Broken
    if isinstance(key, rsa.RSAPublicKey):
        if algorithm in (_PSS_256, _PSS_512):
            scheme = padding.PSS(padding.MGF1(digest), digest.digest_size)
            key.verify(signature, signed, scheme, digest)
        else:
            key.verify(signature, signed, padding.PKCS1v15(), digest)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(digest))
    elif isinstance(key, dsa.DSAPublicKey):
        key.verify(signature, signed, digest)
    else:
        raise _Broken


def _check_digest(archive: Archive, name: str, expected: bytes) -> None:
    """The digest over the content before the block, the directory and the end record."""
    start, directory, end = _block_at(archive), archive.directory_at, archive.end_at
    record = bytearray(archive.between(end, archive.size))
    struct.pack_into("<I", record, 16, start)
    digests = []
    for low, high in ((0, start), (directory, end)):
        for at in range(low, high, _CHUNK):
            piece = archive.between(at, min(high, at + _CHUNK))
            digests.append(_chunk_digest(name, piece))
    for at in range(0, len(record), _CHUNK):
        digests.append(_chunk_digest(name, bytes(record[at : at + _CHUNK])))
    top_digest = hashlib.new(name, b"\x5a" + struct.pack("<I", len(digests)) + b"".join(digests))
    if top_digest.digest() != expected:
        raise _Broken


def _chunk_digest(name: str, piece: bytes) -> bytes:
    digest = hashlib.new(name, b"\xa5" + struct.pack("<I", len(piece)))
    digest.update(piece)
    return digest.digest()


# JAR signing.


def _v1_files(archive: Archive) -> list[tuple[str, str]]:
    """(signature file, its block) of each JAR signer."""
    upper = {name.upper(): name for name in archive.entries}
    return [
        (upper[name[: name.rindex(".")] + ".SF"], original)
        for name, original in upper.items()
        if re.fullmatch(r"META-INF/[^/]+\.(RSA|DSA|EC)", name)
        and name[: name.rindex(".")] + ".SF" in upper
    ]


class _V1:
    def __init__(self, archive: Archive, files: list[tuple[str, str]]) -> None:
        self.archive = archive
        self.signers = [
            (
                archive.read(file, max_bytes=_MOST_SIGNATURE_FILE),
                archive.read(block, max_bytes=_CHUNK),
            )
            for file, block in files[:10]
        ]

    def digest(self) -> str:
        """The weakest digest of the signatures, and of the digests of content."""
        digests = {_signer_info(block).digest for _file, block in self.signers}
        for file, _block_bytes in self.signers:
            names = re.findall(rb"(?m)^(MD5|SHA1|SHA-1|SHA|SHA-256|SHA-512)-Digest", file[:100_000])
            digests |= {_plain(name.decode()) for name in names}
        return next((digest_name for digest_name in _WEAKEST if digest_name in digests), "")

    def certificates(self) -> list[bytes]:
        return [_signer_certificate(block) for _file, block in self.signers]

    def verify(self) -> None:
        """Signature of the file, the file over the manifest, the manifest over the content."""
        manifest = self.archive.read("META-INF/MANIFEST.MF", max_bytes=_MOST_SIGNATURE_FILE)
        for file, block in self.signers:
            if _STRIPPED.search(file[:10_000]):
                raise _Broken(STRIPPED)
            info = _signer_info(block)
            info.verify(_signer_certificate(block), file)
            _main, *_sections = _sections_of(file)
            stated_digest = _digest_of(_attributes(_main), "-Digest-Manifest")
            if (
                stated_digest is None
                or hashlib.new(stated_digest[0], manifest).digest() != stated_digest[1]
            ):
                raise _Broken
        named: dict[str, tuple[str, bytes]] = {}
        for section in _sections_of(manifest)[1:]:
            attributes = _attributes(section)
            stated_digest = _digest_of(attributes, "-Digest")
            if stated_digest is not None:
                named[attributes.get("Name", "")] = stated_digest
        for name, entry in self.archive.entries.items():
            if entry.is_dir() or name.upper().startswith("META-INF/"):
                continue
            if name not in named:
                raise _Broken
            digest = hashlib.new(named[name][0])
            for piece in self.archive.pieces(name):
                digest.update(piece)
            if digest.digest() != named[name][1]:
                raise _Broken


def _plain(name: str) -> str:
    name = name.lower().replace("-", "")
    return "sha1" if name == "sha" else name


def _sections_of(data: bytes) -> list[bytes]:
    return re.split(rb"(?:\r\n){2,}|\n{2,}|\r{2,}", data.strip(b"\r\n"))


def _attributes(section: bytes) -> dict[str, str]:
    lines = re.sub(rb"(?:\r\n|\n|\r) ", b"", section).decode("utf-8", "replace").splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def _digest_of(attributes: dict[str, str], ending: str) -> tuple[str, bytes] | None:
    """The strongest digest of a section, with its name."""
    stated_digests = {
        _plain(name.removesuffix(ending)): value
        for name, value in attributes.items()
        if name.endswith(ending)
    }
    strongest = next(
        (digest_name for digest_name in reversed(_WEAKEST) if digest_name in stated_digests), None
    )
    return (strongest, base64.b64decode(stated_digests[strongest])) if strongest else None


@dataclass(frozen=True, slots=True)
class _SignerInfo:
    """The one signer of a PKCS #7 block.

    attributes  signed attributes, b"" where the content itself is signed
    """

    serial: bytes
    digest: str
    attributes: bytes
    signature: bytes

    def verify(self, certificate: bytes, content: bytes) -> None:
        signed = content
        if self.attributes:
            signed = bytes([der.SET]) + self.attributes[1:]
            if hashlib.new(self.digest, content).digest() != self._message_digest():
                raise _Broken
        key = x509.load_der_x509_certificate(certificate).public_key()
        algorithm = _algorithm(self.digest)
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(self.signature, signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(self.signature, signed, ec.ECDSA(algorithm))
        elif isinstance(key, dsa.DSAPublicKey):
            key.verify(self.signature, signed, algorithm)
        else:
            raise _Broken

    def _message_digest(self) -> bytes:
        for attribute in next(der.nodes(self.attributes)).children():
            kind, values = list(attribute.children())[:2]
            if kind.oid() == "1.2.840.113549.1.9.4":
                return next(values.children()).content
        raise _Broken


def _algorithm(name: str) -> hashes.HashAlgorithm:
    algorithms: dict[str, hashes.HashAlgorithm] = {
        "md5": hashes.MD5(),  # noqa: S303 - to recognise it
        "sha1": hashes.SHA1(),  # noqa: S303 - to recognise it
        "sha224": hashes.SHA224(),
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
    }
    if name not in algorithms:
        raise _Broken
    return algorithms[name]


def _signer_info(block: bytes) -> _SignerInfo:
    """The first SignerInfo of a PKCS #7 SignedData (RFC 2315, section 9)."""
    outer = list(next(der.nodes(block)).children())
    signed_data = list(next(outer[1].children()).children())
    info = list(next(signed_data[-1].children()).children())
    serial = list(info[1].children())[1].content
    digest = _DIGEST_OIDS.get(next(info[2].children()).oid(), "")
    attributes = info[3].whole if info[3].tag == 0xA0 else b""
    signature = next(
        asn1_part for asn1_part in info[4 if not attributes else 5 :] if asn1_part.tag == der.OCTETS
    )
    return _SignerInfo(
        serial=serial, digest=digest, attributes=attributes, signature=signature.content
    )


def _signer_certificate(block: bytes) -> bytes:
    serial = int.from_bytes(_signer_info(block).serial, signed=True)
    for certificate in pkcs7.load_der_pkcs7_certificates(block):
        if certificate.serial_number == serial:
            return certificate.public_bytes(Encoding.DER)
    raise _Broken
