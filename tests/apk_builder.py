"""Android apps made for tests: manifest, code, signature, without the tools of Android.

`test_apps_of_the_tools.py` compares with apps made by aapt, smali and apksigner.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from xml.etree import ElementTree

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from amends.causes.vetting.rules.apk.binary_xml import ANDROID, ATTRIBUTES

PACKAGE = "com.example.torch"
LAUNCHER = """<activity android:name=".Main" android:exported="true"><intent-filter>
<action android:name="android.intent.action.MAIN"/>
<category android:name="android.intent.category.LAUNCHER"/></intent-filter></activity>"""
_NUMBERS = {name: number for number, name in ATTRIBUTES.items()}


def manifest(
    *,
    package: str = PACKAGE,
    permissions: Sequence[str] = ("INTERNET",),
    application: str = 'android:allowBackup="false"',
    components: str = LAUNCHER,
    more: str = "",
    min_sdk: int = 24,
    target_sdk: int = 34,
) -> str:
    """The manifest of an app without findings, changed where a test says so."""
    asked = "".join(
        f'<uses-permission android:name="android.permission.{one}"/>' for one in permissions
    )
    return f"""<manifest xmlns:android="{ANDROID}" package="{package}" android:versionCode="7"
android:versionName="1.7"><uses-sdk android:minSdkVersion="{min_sdk}"
android:targetSdkVersion="{target_sdk}"/>{asked}{more}
<application {application}>{components}</application></manifest>"""


def binary_xml(text: str) -> bytes:
    """XML as Android stores it."""
    root = ElementTree.fromstring(text)
    pool: list[str] = []

    def number(text: str) -> int:
        if text not in pool:
            pool.append(text)
        return pool.index(text)

    names = sorted({name for one in root.iter() for name in one.attrib if name.startswith("{")})
    known = [name for name in names if name.rpartition("}")[2] in _NUMBERS]
    for name in known:
        number(name.rpartition("}")[2])
    namespace = number(ANDROID)
    body = b"".join(_element(root, number, namespace))
    numbers = struct.pack(f"<{len(known)}I", *(_NUMBERS[n.rpartition("}")[2]] for n in known))
    chunks = _string_pool(pool) + _chunk(0x0180, b"", numbers) + body
    return _chunk(0x0003, b"", chunks)


def _element(one: ElementTree.Element, number, namespace: int):
    attributes = b""
    for name, value in one.attrib.items():
        space = namespace if name.startswith("{") else 0xFFFFFFFF
        kind, data = _typed(value, number)
        raw = data if kind == 3 else 0xFFFFFFFF
        plain = name.rpartition("}")[2]
        attributes += struct.pack("<3IHBBI", space, number(plain), raw, 8, 0, kind, data)
    start = struct.pack("<II", 0xFFFFFFFF, number(one.tag))
    start += struct.pack("<6H", 20, 20, len(one.attrib), 0, 0, 0)
    yield _chunk(0x0102, struct.pack("<II", 1, 0xFFFFFFFF), start + attributes)
    if one.text and one.text.strip():
        text = struct.pack("<IHBBI", number(one.text.strip()), 8, 0, 3, number(one.text.strip()))
        yield _chunk(0x0104, struct.pack("<II", 1, 0xFFFFFFFF), text)
    for child in one:
        yield from _element(child, number, namespace)
    end = struct.pack("<II", 0xFFFFFFFF, number(one.tag))
    yield _chunk(0x0103, struct.pack("<II", 1, 0xFFFFFFFF), end)


def _typed(value: str, number) -> tuple[int, int]:
    if value in ("true", "false"):
        return 0x12, 0xFFFFFFFF if value == "true" else 0
    if value.startswith("@0x"):
        return 0x01, int(value[1:], 16)
    if value.isdigit():
        return 0x10, int(value)
    return 0x03, number(value)


def _chunk(kind: int, header: bytes, body: bytes) -> bytes:
    length = 8 + len(header)
    return struct.pack("<HHI", kind, length, length + len(body)) + header + body


def _string_pool(strings: Sequence[str]) -> bytes:
    offsets, data = [], b""
    for one in strings:
        offsets.append(len(data))
        data += struct.pack("<H", len(one)) + one.encode("utf-16-le") + b"\0\0"
    data += b"\0" * (-len(data) % 4)
    header = struct.pack("<5I", len(strings), 0, 0, 28 + 4 * len(strings), 0)
    return _chunk(0x0001, header, struct.pack(f"<{len(strings)}I", *offsets) + data)


def resources(values: Mapping[int, str | int | bool]) -> bytes:
    """A resource table: number → text, flag, or the number of another resource."""
    texts = [one for one in values.values() if isinstance(one, str)]
    types = b""
    for group in sorted({one >> 16 & 0xFF for one in values}):
        entries = {one & 0xFFFF: v for one, v in values.items() if one >> 16 & 0xFF == group}
        count, offsets, body = max(entries) + 1, [], b""
        for place in range(count):
            if place not in entries:
                offsets.append(0xFFFFFFFF)
                continue
            value = entries[place]
            kind, data = (3, texts.index(value)) if isinstance(value, str) else (1, int(value))
            if isinstance(value, bool):
                kind, data = 0x12, 0xFFFFFFFF if value else 0
            offsets.append(len(body))
            body += struct.pack("<HHIHBBI", 8, 0, 0, 8, 0, kind, data)
        config = struct.pack("<I", 28) + b"\0" * 24
        header = struct.pack("<BBHII", group, 0, 0, count, 20 + 28 + 4 * count) + config
        types += _chunk(0x0201, header, struct.pack(f"<{count}I", *offsets) + body)
    name = PACKAGE.encode("utf-16-le").ljust(256, b"\0")
    package = _chunk(
        0x0200, struct.pack("<I", 0x7F) + name + struct.pack("<5I", 0, 0, 0, 0, 0), types
    )
    return _chunk(0x0002, struct.pack("<I", 1), _string_pool(texts) + package)


Step = tuple[str, ...]
"""("text", TEXT) or ("call", CLASS, METHOD)."""


def dex(classes: Mapping[str, Sequence[Step]]) -> bytes:
    """Code: class descriptor → what its one method does."""
    calls = {(s[1], s[2]) for steps in classes.values() for s in steps if s[0] == "call"}
    methods = calls | {(name, "run") for name in classes}
    texts = {s[1] for steps in classes.values() for s in steps if s[0] == "text"}
    types = sorted({"V", *classes, *(owner for owner, _name in methods)})
    strings = sorted({*types, *texts, *(name for _owner, name in methods)})
    type_at = {one: number for number, one in enumerate(types)}
    string_at = {one: number for number, one in enumerate(strings)}
    listed = sorted(methods, key=lambda one: (type_at[one[0]], string_at[one[1]]))
    method_at = {one: number for number, one in enumerate(listed)}
    at = {"strings": 0x70}
    at["types"] = at["strings"] + 4 * len(strings)
    at["protos"] = at["types"] + 4 * len(types)
    at["methods"] = at["protos"] + 12
    at["classes"] = at["methods"] + 8 * len(listed)
    data_at = at["classes"] + 32 * len(classes)
    data, string_offsets, rows = bytearray(), [], bytearray()
    for one in strings:
        string_offsets.append(data_at + len(data))
        data += _uleb(len(one)) + one.encode() + b"\0"
    for name, steps in classes.items():
        data += b"\0" * (-len(data) % 4)
        code_at = data_at + len(data)
        code = b"".join(_instruction(step, string_at, method_at) for step in steps) + b"\x0e\0"
        data += struct.pack("<4HII", 4, 0, 0, 0, 0, len(code) // 2) + code
        members_at = data_at + len(data)
        data += _uleb(0) * 2 + _uleb(1) + _uleb(0)
        data += _uleb(method_at[(name, "run")]) + _uleb(9) + _uleb(code_at)
        row = (type_at[name], 1, 0xFFFFFFFF, 0, 0xFFFFFFFF, 0, members_at, 0)
        rows += struct.pack("<8I", *row)
    tables = struct.pack(f"<{len(strings)}I", *string_offsets)
    tables += struct.pack(f"<{len(types)}I", *(string_at[one] for one in types))
    tables += struct.pack("<3I", string_at["V"], type_at["V"], 0)
    for owner, name in listed:
        tables += struct.pack("<HHI", type_at[owner], 0, string_at[name])
    sizes = (len(strings), at["strings"], len(types), at["types"], 1, at["protos"], 0, 0)
    sizes += (len(listed), at["methods"], len(classes), at["classes"], len(data), data_at)
    size = data_at + len(data)
    head = b"dex\n035\0" + b"\0" * 24 + struct.pack("<5I", size, 0x70, 0x12345678, 0, 0)
    return head + struct.pack("<I", 0) + struct.pack("<14I", *sizes) + tables + bytes(rows + data)


def _instruction(
    step: Step, strings: Mapping[str, int], methods: Mapping[tuple[str, str], int]
) -> bytes:
    if step[0] == "text":
        number = strings[step[1]]
        is_short = number <= 0xFFFF
        return struct.pack("<BBH" if is_short else "<BBI", 0x1A if is_short else 0x1B, 0, number)
    return struct.pack("<BBHH", 0x71, 0, methods[step[1], step[2]], 0)


def _uleb(value: int) -> bytes:
    out = b""
    while True:
        value, low = value >> 7, value & 0x7F
        out += bytes([low | (0x80 if value else 0)])
        if not value:
            return out


@cache
def signing_key(name: str = "vendor") -> tuple[rsa.RSAPrivateKey, bytes]:
    """A key and its certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2050, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return key, certificate.public_bytes(Encoding.DER)


def apk(
    manifest_text: str | bytes | None = None,
    *,
    code: Mapping[str, Sequence[Step]] | None = None,
    files: Mapping[str, bytes | str] | None = None,
    key: str = "vendor",
) -> bytes:
    """An app, signed by scheme v2; `key` "" leaves it unsigned."""
    text = manifest() if manifest_text is None else manifest_text
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        if text:
            content = text if isinstance(text, bytes) else binary_xml(text)
            archive.writestr("AndroidManifest.xml", content)
        classes = {"Lcom/example/torch/Main;": (), **(code or {})}
        archive.writestr("classes.dex", dex(classes))
        for name, content in (files or {}).items():
            archive.writestr(name, content)
    return signed(buffer.getvalue(), key) if key else buffer.getvalue()


def signed(data: bytes, name: str) -> bytes:
    """An archive with a signing block of scheme v2."""
    key, certificate = signing_key(name)
    end = data.rindex(b"PK\x05\x06")
    (directory,) = struct.unpack_from("<I", data, end + 16)
    parts = (data[:directory], data[directory:end], data[end:])
    digests = [
        hashlib.sha256(b"\xa5" + struct.pack("<I", len(piece)) + piece).digest()
        for part in parts
        for piece in (part[at : at + (1 << 20)] for at in range(0, len(part), 1 << 20))
    ]
    whole = hashlib.sha256(b"\x5a" + struct.pack("<I", len(digests)) + b"".join(digests)).digest()
    algorithm = struct.pack("<I", 0x0103)
    content = _sized(_sized(algorithm + _sized(whole))) + _sized(_sized(certificate)) + _sized(b"")
    signature = key.sign(content, padding.PKCS1v15(), hashes.SHA256())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signer = _sized(content) + _sized(_sized(algorithm + _sized(signature))) + _sized(public)
    value = struct.pack("<I", 0x7109871A) + _sized(_sized(signer))
    pairs = struct.pack("<Q", len(value)) + value
    size = struct.pack("<Q", len(pairs) + 24)
    block = size + pairs + size + b"APK Sig Block 42"
    record = bytearray(parts[2])
    struct.pack_into("<I", record, 16, directory + len(block))
    return parts[0] + block + parts[1] + bytes(record)


def _sized(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data
