"""Compiled code (DEX): the packages of its classes, what it calls, its texts.

Tables are read as https://source.android.com/docs/core/runtime/dex-format lays them out. Code is
read only where a method that sends text messages is called.
"""

from __future__ import annotations

import bisect
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from amends.causes.vetting.rules.apk.chunks import damaged
from amends.causes.vetting.rules.apk.facts import SmsCall

SMS_CLASSES = (b"Landroid/telephony/SmsManager;", b"Landroid/telephony/gsm/SmsManager;")
SMS_METHODS = (
    b"sendTextMessage",
    b"sendMultipartTextMessage",
    b"sendDataMessage",
    b"sendTextMessageWithoutPersisting",
)
LOADERS = {
    b"Ldalvik/system/DexClassLoader;": (b"<init>",),
    b"Ldalvik/system/PathClassLoader;": (b"<init>",),
    b"Ldalvik/system/InMemoryDexClassLoader;": (b"<init>",),
    b"Ldalvik/system/DelegateLastClassLoader;": (b"<init>",),
    b"Ldalvik/system/DexFile;": (b"<init>", b"loadDex"),
    b"Ljava/lang/System;": (b"loadLibrary", b"load"),
    b"Ljava/lang/Runtime;": (b"loadLibrary", b"load"),
}
"""Class → its methods that load code."""
REFLECTED = (b"dalvik.system.DexClassLoader", b"dalvik.system.InMemoryDexClassLoader")
"""Loaders that code may also ask for by name."""
_INVOKES = frozenset({0x6E, 0x6F, 0x70, 0x71, 0x72, 0x74, 0x75, 0x76, 0x77, 0x78})
_CONST_STRING, _CONST_STRING_JUMBO = 0x1A, 0x1B
_DIGITS = re.compile(rb"\+?[0-9*#]{3,21}\Z")
_MOST_CODE = 400_000
_MOST_METHODS = 200


def _widths() -> list[int]:
    """Length of each instruction in units of two bytes, by opcode."""
    wide = {
        1: (*range(0x02), 0x04, 0x07, *range(0x0A, 0x13), 0x1D, 0x1E, 0x21, 0x27, 0x28),
        3: (0x03, 0x06, 0x09, 0x14, 0x17, 0x1B, *range(0x24, 0x27), 0x2A, 0x2B, 0x2C),
        5: (0x18,),
        4: (0xFA, 0xFB),
    }
    widths = [2] * 256
    for width, opcodes in wide.items():
        for opcode in opcodes:
            widths[opcode] = width
    for opcode in (*range(0x6E, 0x73), *range(0x74, 0x79), 0xFC, 0xFD):
        widths[opcode] = 3
    narrow = ((0x3E, 0x44), (0x73, 0x74), (0x79, 0x90), (0xB0, 0xD0), (0xE3, 0xFA))
    for opcode in (opcode for span in narrow for opcode in range(*span)):
        widths[opcode] = 1
    return widths


_WIDTHS = _widths()


@dataclass(frozen=True, slots=True)
class Body:
    """The instructions of a method: its number, that of its class, from where to where."""

    method: int
    owner: int
    start: int
    end: int


@dataclass(slots=True)
class DexFacts:
    """Contents of one DEX file."""

    classes: int = 0
    packages: set[str] = field(default_factory=set)
    loads: set[str] = field(default_factory=set)
    sms: list[SmsCall] = field(default_factory=list)
    numbers: set[str] = field(default_factory=set)
    strings: list[bytes] = field(default_factory=list)


def is_dex(data: bytes) -> bool:
    return data[:4] == b"dex\n" and data[7:8] == b"\0"


def dex_facts(data: bytes, name: str) -> DexFacts:
    """The facts of a file of code; raises UnableToReadApk where its tables lead outside it."""
    try:
        return _Dex(data).facts()
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise damaged(name) from error


class _Dex:
    def __init__(self, data: bytes) -> None:
        if not is_dex(data) or len(data) < 0x70:
            raise ValueError("no DEX file")
        self.data = data
        (
            self.string_count,
            self.strings_at,
            self.type_count,
            self.types_at,
            _protos,
            _protos_at,
            _fields,
            _fields_at,
            self.method_count,
            self.methods_at,
            self.class_count,
            self.classes_at,
        ) = struct.unpack_from("<12I", data, 0x38)
        self.strings = struct.unpack_from(f"<{self.string_count}I", data, self.strings_at)
        self.types = struct.unpack_from(f"<{self.type_count}I", data, self.types_at)

    def facts(self) -> DexFacts:
        facts = DexFacts(classes=self.class_count)
        descriptors = [self.string(number) for number in self.types]
        facts.packages = {
            package for descriptor in set(descriptors) if (package := package_of(descriptor))
        }
        facts.strings = self.all_strings()
        methods = self.methods(descriptors)
        for (owner, name), _numbers in methods.items():
            if name in LOADERS.get(owner, ()):
                facts.loads.add(f"{_readable(owner)}.{name.decode()}")
        facts.loads |= {
            reflected.decode()
            for reflected in REFLECTED
            if bytes([len(reflected)]) + reflected + b"\0" in self.data
        }
        senders = [
            number
            for (owner, name), numbers in methods.items()
            if owner in SMS_CLASSES and name in SMS_METHODS
            for number in numbers
        ]
        if senders:
            facts.sms = list(self.sms_calls(set(senders), descriptors))
            facts.numbers = {
                text.decode() for text in facts.strings if _DIGITS.match(text) and len(text) >= 4
            }
        return facts

    def string(self, number: int) -> bytes:
        at = self.strings[number]
        while self.data[at] & 0x80:
            at += 1
        at += 1
        end = self.data.find(b"\0", at)
        return self.data[at:end] if end >= 0 else b""

    def all_strings(self) -> list[bytes]:
        """All strings; at once where they follow each other, as compilers write them."""
        if not self.strings:
            return []
        first, last = min(self.strings), max(self.strings)
        if last >= len(self.data):
            raise ValueError("a string outside the file")
        end = self.data.find(b"\0", last) + 1
        split = self.data[first : end - 1].split(b"\0")
        if len(split) == len(set(self.strings)):
            return [piece[1:] if piece[:1] < b"\x80" else piece[2:] for piece in split]
        return [self.string(number) for number in range(min(self.string_count, 1_000_000))]

    def methods(self, descriptors: list[bytes]) -> dict[tuple[bytes, bytes], list[int]]:
        """(class, name) → numbers of the methods, of the classes that are asked about."""
        wanted = {*SMS_CLASSES, *LOADERS}
        owners = {number for number, descriptor in enumerate(descriptors) if descriptor in wanted}
        methods_by_key: dict[tuple[bytes, bytes], list[int]] = {}
        table = self.data[self.methods_at : self.methods_at + 8 * self.method_count]
        if owners:
            for number, (owner, _proto, name) in enumerate(struct.iter_unpack("<HHI", table)):
                if owner in owners:
                    key = (descriptors[owner], self.string(name))
                    methods_by_key.setdefault(key, []).append(number)
        return methods_by_key

    def sms_calls(self, senders: set[int], descriptors: list[bytes]) -> Iterator[SmsCall]:
        """Methods that send messages, with the numbers in the code of their class.

        A number may be handed over by a caller; so those of methods that call into the class
        count as well.
        """
        bodies = sorted(self.bodies(), key=lambda body: body.start)
        for owner in sorted({body.owner for body in self.calling(senders, bodies)}):
            own = [body for body in bodies if body.owner == owner]
            sending = self.calling(senders, own)
            callers = self.calling({body.method for body in own[:_MOST_METHODS]}, bodies)
            texts = {text for body in (*own, *callers) for text in self.read_code(body)[1]}
            yield SmsCall(
                f"{_readable(descriptors[owner])}.{self.method_name(sending[0].method)}",
                sorted(text.decode() for text in texts if _DIGITS.match(text))[:50],
            )

    def calling(self, methods: set[int], bodies: list[Body]) -> list[Body]:
        """The bodies that call one of the methods; found by their bytes, confirmed by reading."""
        numbers = b"|".join(re.escape(struct.pack("<H", method)) for method in sorted(methods))
        pattern = re.compile(b"[\x6e-\x78].(?:" + numbers + b")", re.DOTALL)
        starts = [body.start for body in bodies]
        body_indexes = {
            bisect.bisect_right(starts, match.start()) - 1
            for match in pattern.finditer(self.data, starts[0] if starts else len(self.data))
        }
        near = [bodies[body_index] for body_index in sorted(body_indexes) if body_index >= 0]
        return [body for body in near if self.read_code(body)[0] & methods]

    def method_name(self, number: int) -> str:
        (name,) = struct.unpack_from("<I", self.data, self.methods_at + 8 * number + 4)
        return self.string(name).decode("utf-8", "replace")[:200]

    def bodies(self) -> Iterator[Body]:
        """The instructions of all methods that have some."""
        count = 0
        for class_index in range(self.class_count):
            at = self.classes_at + 32 * class_index
            (owner,) = struct.unpack_from("<I", self.data, at)
            (members,) = struct.unpack_from("<I", self.data, at + 24)
            if not members:
                continue
            for method, code in self.methods_of_class(members):
                count += 1
                if count > _MOST_CODE:
                    raise ValueError("too many methods")
                (units,) = struct.unpack_from("<I", self.data, code + 12)
                start = code + 16
                yield Body(
                    method=method,
                    owner=owner,
                    start=start,
                    end=min(len(self.data), start + 2 * units),
                )

    def methods_of_class(self, at: int) -> Iterator[tuple[int, int]]:
        sizes = []
        for _size in range(4):
            size, at = self.uleb(at)
            sizes.append(size)
        if sum(sizes) > len(self.data):
            raise ValueError("more members than bytes")
        for _member in range(sizes[0] + sizes[1]):
            _difference, at = self.uleb(at)
            _access, at = self.uleb(at)
        for count in sizes[2:]:
            method = 0
            for _member in range(count):
                difference, at = self.uleb(at)
                _access, at = self.uleb(at)
                code, at = self.uleb(at)
                method += difference
                if code:
                    yield method, code

    def uleb(self, at: int) -> tuple[int, int]:
        value = shift = 0
        while True:
            byte = self.data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return value, at
            shift += 7
            if shift > 35:
                raise ValueError("number too long")

    def read_code(self, body: Body) -> tuple[set[int], list[bytes]]:
        """Methods that are called, and texts that are loaded, by a body."""
        data, at, end = self.data, body.start, body.end
        calls: set[int] = set()
        texts: list[bytes] = []
        while at + 2 <= end:
            opcode = data[at]
            if opcode in _INVOKES and at + 4 <= end:
                calls.add(data[at + 2] | data[at + 3] << 8)
            elif opcode == _CONST_STRING and at + 4 <= end:
                texts.append(self.string(data[at + 2] | data[at + 3] << 8))
            elif opcode == _CONST_STRING_JUMBO and at + 6 <= end:
                texts.append(self.string(struct.unpack_from("<I", data, at + 2)[0]))
            elif opcode == 0 and data[at + 1] in (1, 2, 3):
                at += 2 * self.payload_units(at)
                continue
            at += 2 * _WIDTHS[opcode]
        return calls, texts

    def payload_units(self, at: int) -> int:
        """Length of a table of a switch or of an array among the instructions."""
        kind = self.data[at + 1]
        (size,) = struct.unpack_from("<H", self.data, at + 2)
        if kind == 1:
            return 4 + 2 * int(size)
        if kind == 2:
            return 2 + 4 * int(size)
        (elements,) = struct.unpack_from("<I", self.data, at + 4)
        return 4 + (int(size) * int(elements) + 1) // 2


def package_of(descriptor: bytes) -> str:
    """The Java package of a type.

    >>> package_of(b"Lcom/example/app/Main;"), package_of(b"[I")
    ('com.example.app', '')
    """
    name = descriptor.lstrip(b"[")
    if name[:1] != b"L":
        return ""
    return name[1:].rpartition(b"/")[0].replace(b"/", b".").decode("utf-8", "replace")


def _readable(descriptor: bytes) -> str:
    return descriptor[1:-1].replace(b"/", b".").decode("utf-8", "replace")
