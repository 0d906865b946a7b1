"""What a received file really is, whether it may be kept, and a name that is safe to show."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_FILES = 10
MAX_NAME = 120

# What complainants send: pictures, recordings, documents, tables. Everything else is named,
# counted and refused. Programs are refused by content, whatever their name says.
EXTENSIONS = {
    "image/jpeg": ("jpg", "jpeg"),
    "image/png": ("png",),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/heic": ("heic", "heif"),
    "image/tiff": ("tif", "tiff"),
    "image/bmp": ("bmp",),
    "application/pdf": ("pdf",),
    "application/rtf": ("rtf",),
    "application/msword": ("doc", "xls", "ppt", "wps", "et"),
    "application/vnd.openxmlformats-officedocument": ("docx", "xlsx", "pptx"),
    "application/vnd.oasis.opendocument": ("odt", "ods", "odp"),
    "text/plain": ("txt", "csv", "log", "md", "text"),
    "audio/mpeg": ("mp3",),
    "audio/wav": ("wav",),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/amr": ("amr",),
    "audio/mp4": ("m4a",),
    "video/mp4": ("mp4", "m4v", "mov", "3gp"),
}

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"#!AMR", "audio/amr"),
    (b"MZ", "application/x-executable"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/x-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-executable"),
    (b"\xfe\xed\xfa", "application/x-executable"),
    (b"dex\n", "application/x-executable"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-shortcut"),
    (b"#!", "text/x-script"),
    (b"7z\xbc\xaf'\x1c", "application/x-archive"),
    (b"Rar!\x1a\x07", "application/x-archive"),
    (b"\x1f\x8b", "application/x-archive"),
    (b"BZh", "application/x-archive"),
    (b"\xfd7zXZ\x00", "application/x-archive"),
    (b"MSCF", "application/x-archive"),
)
_ACTIVE_TEXT = re.compile(
    rb"<\s*(?:!doctype\s+html|html|script|svg|iframe|object|embed|\?php|hta:)|"
    rb"\bpowershell\b|\bWScript\.|\bCreateObject\(|^@?echo off",
    re.IGNORECASE | re.MULTILINE,
)
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """What a file is by its content, a name safe to show, and why it is refused ("" = kept)."""

    media_type: str
    name: str
    refused: str = ""


def inspect_file(name: str, content: bytes, *, max_bytes: int = MAX_FILE_BYTES) -> FileVerdict:
    """Judge a file by what it contains; the name only has to agree with it.

    name       as sent; may hold anything
    max_bytes  larger files are refused

    >>> inspect_file("bill.pdf", b"MZ\\x90\\x00").refused
    'program'
    >>> inspect_file("账单.pdf", b"%PDF-1.7 ...")
    FileVerdict(media_type='application/pdf', name='账单.pdf', refused='')
    """
    shown_name = safe_name(name)
    media_type = sniff(content)
    if not content:
        return FileVerdict("application/octet-stream", shown_name, "empty")
    if len(content) > max_bytes:
        return FileVerdict(media_type, shown_name, "too_large")
    if media_type in {"application/x-executable", "application/x-shortcut", "text/x-script"}:
        return FileVerdict(media_type, shown_name, "program")
    if media_type not in EXTENSIONS:
        return FileVerdict(media_type, shown_name, "type_not_allowed")
    extensions = [part.lower() for part in shown_name.split(".")[1:]]
    expected = EXTENSIONS[media_type]
    if extensions and extensions[-1] not in expected:
        return FileVerdict(media_type, shown_name, "name_disagrees_with_content")
    if not extensions:
        shown_name = f"{shown_name}.{expected[0]}"
    return FileVerdict(media_type, shown_name)


def sniff(content: bytes) -> str:
    """The media type the first bytes show; `application/octet-stream` if they show none.

    >>> sniff(b"RIFF\\x00\\x00\\x00\\x00WEBPVP8 ")
    'image/webp'
    """
    head = content[:4_096]
    for start, media_type in _STARTS:
        if head.startswith(start):
            return media_type
    if head.startswith(b"BM") and len(content) >= 6 and _says_own_length(content):
        return "image/bmp"
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(
            head[8:12], "application/octet-stream"
        )
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(content)
    return _text_kind(head, content)


def _says_own_length(content: bytes) -> bool:
    return int.from_bytes(content[2:6], "little") == len(content)


def _iso_media(brand: bytes) -> str:
    if brand[:3] in {b"hei", b"hev"} or brand in {b"mif1", b"msf1"}:
        return "image/heic"
    return "audio/mp4" if brand[:3] == b"M4A" else "video/mp4"


def _zip_kind(content: bytes) -> str:
    """Office files are ZIP archives told by the names inside; nothing is unpacked."""
    if b"vbaProject.bin" in content:
        return "application/x-executable"
    if b"AndroidManifest.xml" in content or b"META-INF/MANIFEST.MF" in content:
        return "application/x-executable"
    if b"[Content_Types].xml" in content:
        return "application/vnd.openxmlformats-officedocument"
    if content[30:38] == b"mimetype" and b"opendocument" in content[38:100]:
        return "application/vnd.oasis.opendocument"
    return "application/x-archive"


def _text_kind(head: bytes, content: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        codec = "utf-16"
    elif b"\x00" in head:
        return "application/octet-stream"
    else:
        codec = ""
    if _ACTIVE_TEXT.search(head.replace(b"\x00", b"")):
        return "text/html"
    for name in (codec,) if codec else ("utf-8", "gb18030"):
        try:
            sample = content[:65_536].decode(name, errors="strict")
        except UnicodeDecodeError as error:
            if error.start < len(content[:65_536]) - 4:
                continue
            return "text/plain"
        if not any(unicodedata.category(c) == "Cc" and c not in "\t\r\n\f" for c in sample):
            return "text/plain"
    return "application/octet-stream"


def safe_name(name: str) -> str:
    """A file name without path, control or direction marks, at most `MAX_NAME` characters.

    Direction marks are dropped because they can show `exe.pdf` where the name ends in `fdp.exe`.

    >>> safe_name("C:\\\\bills\\\\..\\\\\u202efdp.exe")
    'fdp.exe'
    >>> safe_name("")
    'file'
    """
    visible = "".join(
        char for char in name[:4_096] if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co"}
    )
    last = re.split(r"[\\/]", visible)[-1]
    clean = _SPACES.sub(" ", _UNSAFE.sub("_", last)).strip(" .")
    if not clean:
        return "file"
    if len(clean) <= MAX_NAME:
        return clean
    stem, dot, extension = clean.rpartition(".")
    if dot and len(extension) <= 10:
        return f"{stem[: MAX_NAME - len(extension) - 1]}.{extension}"
    return clean[:MAX_NAME]
