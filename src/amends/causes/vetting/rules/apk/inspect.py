"""All that is read of an app, in one pass over its archive."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import BinaryIO

from amends.causes.vetting.rules.apk import binary_xml
from amends.causes.vetting.rules.apk.addresses import addresses_in, addresses_in_utf16, hosts_in
from amends.causes.vetting.rules.apk.archive import PIECE, Archive
from amends.causes.vetting.rules.apk.binary_xml import XmlElement
from amends.causes.vetting.rules.apk.dex import DexFacts, dex_facts
from amends.causes.vetting.rules.apk.errors import UnableToReadApk
from amends.causes.vetting.rules.apk.facts import AppFacts, CodeFacts, FoundHost
from amends.causes.vetting.rules.apk.manifest import manifest_facts
from amends.causes.vetting.rules.apk.resources import Resources
from amends.causes.vetting.rules.apk.signature import signature_facts
from amends.platform.kit.errors import gettext_noop as _

MANIFEST = "AndroidManifest.xml"
_MOST_MANIFEST = 16_000_000
_MOST_RESOURCES = 128_000_000
_MOST_CODE = 128_000_000
_MOST_XML = 2_000_000
_MOST_HOSTS = 2_000
_MOST_LISTED = 500
_PACKAGES_LISTED = 50_000
_DEX = re.compile(r"classes\d*\.dex\Z")
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp3", ".mp4", ".ogg", ".ttf", ".otf")
_LEGAL = re.compile(r"(?i)(^META-INF/|(^|/)(license|licence|notice|copying|copyright)[^/]*$)")
"""Files that name addresses without calling them: signatures, licences."""
_BUNDLE = re.compile(r"(?i)(^|/)[^/]+\.apk\Z|^BundleConfig\.pb\Z|^toc\.pb\Z")


def inspect_app(file: BinaryIO) -> AppFacts:
    """The facts of an app; raises UnableToReadApk.

    file  open for reading in binary mode
    """
    archive = Archive(file)
    if MANIFEST not in archive:
        raise _no_manifest(archive)
    resources = _resources(archive)
    content = archive.read(MANIFEST, max_bytes=_MOST_MANIFEST)
    if content.lstrip()[:1] == b"<":
        raise UnableToReadApk(
            _("The manifest is plain text, so that no device can install the app."),
            next_step=_("Send the app as it is built, not its sources."),
        )
    root = binary_xml.parse(content, MANIFEST)

    def open_xml(name: str) -> XmlElement | None:
        if name not in archive:
            return None
        data = archive.read(name, max_bytes=_MOST_XML)
        return binary_xml.parse(data, name) if binary_xml.is_binary_xml(data) else None

    manifest = manifest_facts(root, resources, open_xml)
    if not manifest.package:
        raise UnableToReadApk(
            _("The manifest names no package."), next_step=_("Build the app again.")
        )
    return AppFacts(
        sha256=_fingerprint(file),
        size=archive.size,
        manifest=manifest,
        code=_Scan(archive, resources).facts(),
        signature=signature_facts(archive),
    )


def _no_manifest(archive: Archive) -> UnableToReadApk:
    if any(_BUNDLE.search(name) for name in archive.entries):
        return UnableToReadApk(
            _("This is a bundle of several files, not one app."),
            next_step=_("Send the base .apk of it, as a device installs it."),
        )
    return UnableToReadApk(
        _("This archive is not an Android app: it has no AndroidManifest.xml."),
        next_step=_("Send the .apk file itself."),
    )


def _resources(archive: Archive) -> Resources:
    if "resources.arsc" not in archive:
        return Resources()
    return Resources(archive.read("resources.arsc", max_bytes=_MOST_RESOURCES))


def _fingerprint(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


class _Scan:
    """Reads every entry once."""

    def __init__(self, archive: Archive, resources: Resources) -> None:
        self.archive = archive
        self.resources = resources
        self.hosts: dict[tuple[str, bool], FoundHost] = {}
        self.dex = DexFacts()
        self.native: list[str] = []
        self.dynamic: list[str] = []
        self.unread: list[str] = []

    def facts(self) -> CodeFacts:
        for name, entry in self.archive.entries.items():
            if entry.is_dir() or entry.file_size == 0:
                continue
            if _DEX.match(name):
                self.code(name)
            elif name == "resources.arsc":
                if self.resources.strings is not None:
                    self.texts(self.resources.strings.raw, name)
            elif name != MANIFEST:
                self.other(name)
        return CodeFacts(
            classes=self.dex.classes,
            packages=sorted(self.dex.packages)[:_PACKAGES_LISTED],
            hosts=sorted(self.hosts.values(), key=lambda host: (host.host, host.address)),
            sms=self.dex.sms[:_MOST_LISTED],
            sms_numbers=sorted(self.dex.numbers)[:_MOST_LISTED],
            dynamic=[*sorted(self.dex.loads), *sorted(self.dynamic)][:_MOST_LISTED],
            native=sorted(self.native)[:_MOST_LISTED],
            unread=sorted(self.unread)[:_MOST_LISTED],
        )

    def code(self, name: str) -> None:
        try:
            data = self.archive.read(name, max_bytes=_MOST_CODE)
            facts_of_dex = dex_facts(data, name)
        except UnableToReadApk:
            self.unread.append(name)
            return
        self.dex.classes += facts_of_dex.classes
        self.dex.packages |= facts_of_dex.packages
        self.dex.loads |= facts_of_dex.loads
        self.dex.sms += facts_of_dex.sms
        self.dex.numbers |= facts_of_dex.numbers
        self.add(addresses_in(data, name))
        self.add(hosts_in(facts_of_dex.strings, name))

    def texts(self, data: bytes, name: str) -> None:
        self.add(addresses_in(data, name))
        self.add(addresses_in_utf16(data, name))

    def other(self, name: str) -> None:
        begin = b""
        legal = bool(_LEGAL.search(name))
        picture = name.lower().endswith(_PICTURES)
        try:
            for piece in self.archive.pieces(name, overlap=True):
                if not begin:
                    begin = piece[:PIECE]
                    self.kind_of(name, piece)
                    if legal or picture:
                        return
                self.add(addresses_in(piece, name))
                if binary_xml.is_binary_xml(begin):
                    self.add(addresses_in_utf16(piece, name))
        except UnableToReadApk:
            self.unread.append(name)

    def kind_of(self, name: str, begin: bytes) -> None:
        """Notes a file of code, whatever its name."""
        ending = name.lower().rpartition(".")[2]
        archive = begin[:4] == b"PK\x03\x04"
        if begin[:4] == b"\x7fELF" or (name.startswith("lib/") and ending == "so"):
            self.native.append(name)
            return
        packed = archive and (ending in ("jar", "apk", "dex") or b"classes.dex" in begin)
        if packed or begin[:4] in (b"dex\n", b"dey\n", b"oat\n"):
            self.dynamic.append(name)

    def add(self, hosts: Iterable[FoundHost]) -> None:
        for found_host in hosts:
            if len(self.hosts) < _MOST_HOSTS:
                self.hosts.setdefault((found_host.host, found_host.cleartext), found_host)
