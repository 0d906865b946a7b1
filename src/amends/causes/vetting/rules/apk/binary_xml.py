"""Binary XML of Android (manifest, network security configuration) as a tree of elements."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from amends.causes.vetting.rules.apk.chunks import (
    STRING_POOL,
    Chunk,
    StringPool,
    Value,
    chunks,
    damaged,
    value_at,
)

ANDROID = "http://schemas.android.com/apk/res/android"
_RESOURCE_MAP, _START, _END, _TEXT = 0x0180, 0x0102, 0x0103, 0x0104
_NONE = 0xFFFFFFFF
_DEEPEST = 100
_MOST_ELEMENTS = 200_000

ATTRIBUTES = {
    0x01010003: "name",
    0x01010006: "permission",
    0x01010007: "readPermission",
    0x01010008: "writePermission",
    0x01010009: "protectionLevel",
    0x0101000B: "sharedUserId",
    0x0101000D: "persistent",
    0x0101000E: "enabled",
    0x0101000F: "debuggable",
    0x01010010: "exported",
    0x01010018: "authorities",
    0x01010024: "value",
    0x01010025: "resource",
    0x01010026: "mimeType",
    0x01010027: "scheme",
    0x01010028: "host",
    0x01010202: "targetActivity",
    0x0101020C: "minSdkVersion",
    0x0101021B: "versionCode",
    0x0101021C: "versionName",
    0x01010270: "targetSdkVersion",
    0x01010271: "maxSdkVersion",
    0x01010272: "testOnly",
    0x01010280: "allowBackup",
    0x010104EB: "fullBackupContent",
    0x010104EC: "usesCleartextTraffic",
    0x01010527: "networkSecurityConfig",
}
"""Resource number of an attribute → its name. Devices go by the number, so that an app may give an
attribute any name."""


@dataclass(slots=True)
class XmlElement:
    """An element; `android` are attributes of Android's namespace, `plain` those without one."""

    name: str
    android: dict[str, Value] = field(default_factory=dict)
    plain: dict[str, Value] = field(default_factory=dict)
    children: list[XmlElement] = field(default_factory=list)
    text: str = ""

    def all(self, *names: str) -> Iterator[XmlElement]:
        """Children with one of these names."""
        return (child for child in self.children if child.name in names)


def is_binary_xml(data: bytes) -> bool:
    return len(data) >= 8 and data[:2] in (b"\x03\x00", b"\x00\x00") and data[2:4] == b"\x08\x00"


def parse(data: bytes, what: str) -> XmlElement:
    """The root element; raises UnableToReadApk, whose text contains `what`."""
    try:
        root = _parse(data)
    except (struct.error, IndexError, ValueError) as error:
        raise damaged(what) from error
    if root is None:
        raise damaged(what)
    return root


def _parse(data: bytes) -> XmlElement | None:
    if not is_binary_xml(data):
        return None
    pool: StringPool | None = None
    numbers: tuple[int, ...] = ()
    open_elements: list[XmlElement] = []
    root: XmlElement | None = None
    count = 0
    for chunk in chunks(data, 8, len(data)):
        if chunk.type == STRING_POOL and pool is None:
            pool = StringPool(data, chunk)
        elif chunk.type == _RESOURCE_MAP:
            length = (chunk.size - chunk.header) // 4
            numbers = struct.unpack_from(f"<{length}I", data, chunk.at + chunk.header)
        elif pool is None:
            continue
        elif chunk.type == _START:
            element = _element(data, chunk, pool, numbers)
            count += 1
            if count > _MOST_ELEMENTS or len(open_elements) > _DEEPEST:
                return None
            if open_elements:
                open_elements[-1].children.append(element)
            elif root is None:
                root = element
            open_elements.append(element)
        elif chunk.type == _END and open_elements:
            open_elements.pop()
        elif chunk.type == _TEXT and open_elements:
            (number,) = struct.unpack_from("<I", data, chunk.at + chunk.header)
            open_elements[-1].text += pool[number].strip()
    return root


def _element(data: bytes, chunk: Chunk, pool: StringPool, numbers: tuple[int, ...]) -> XmlElement:
    body = chunk.at + chunk.header
    _namespace, name, start, size, count = struct.unpack_from("<IIHHH", data, body)
    element = XmlElement(pool[name])
    if size < 20 or body + start + size * count > chunk.end:
        raise damaged("AndroidManifest.xml")
    for attribute_index in range(count):
        at = body + start + size * attribute_index
        space, named, raw = struct.unpack_from("<3I", data, at)
        value = value_at(data, at + 12, pool)
        if value is None and raw != _NONE:
            value = pool[raw]
        attribute_name = ATTRIBUTES.get(numbers[named]) if named < len(numbers) else None
        if attribute_name:
            element.android.setdefault(attribute_name, value)
        elif space != _NONE and pool[space] == ANDROID:
            element.android.setdefault(pool[named], value)
        else:
            element.plain.setdefault(pool[named], value)
    return element
