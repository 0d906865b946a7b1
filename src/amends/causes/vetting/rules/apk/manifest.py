"""Declarations of the manifest and of the network security configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from amends.causes.vetting.rules.apk.binary_xml import XmlElement
from amends.causes.vetting.rules.apk.chunks import Value, damaged
from amends.causes.vetting.rules.apk.facts import (
    Component,
    IntentFilter,
    ManifestFacts,
    RequestedPermission,
)
from amends.causes.vetting.rules.apk.resources import Resources
from amends.platform.kit.printable import printable

_COMPONENTS = ("activity", "activity-alias", "service", "receiver", "provider")
_PERMISSIONS = ("uses-permission", "uses-permission-sdk-23", "uses-permission-sdk-m")
_LEVELS = {0: "normal", 1: "dangerous", 2: "signature", 3: "signatureOrSystem", 4: "internal"}
_LEVEL_BITS = 0xF
_LOCAL = frozenset({"localhost", "127.0.0.1", "10.0.2.2", "::1"})
"""The device itself, and the machine an emulator runs on."""
_MOST = 5_000


def manifest_facts(
    root: XmlElement, resources: Resources, open_xml: Callable[[str], XmlElement | None]
) -> ManifestFacts:
    """The facts of a manifest.

    open_xml  gives the binary XML in a file of the app, None where there is none
    """
    if root.name != "manifest":
        raise damaged("AndroidManifest.xml")
    return _Reader(root, resources, open_xml).facts()


class _Reader:
    def __init__(
        self, root: XmlElement, resources: Resources, open_xml: Callable[[str], XmlElement | None]
    ) -> None:
        self.root = root
        self.resources = resources
        self.open_xml = open_xml
        self.package = self.text(root.plain.get("package"))
        self.application = next(root.all("application"), XmlElement("application"))

    def facts(self) -> ManifestFacts:
        application = self.application.android
        sdk = next(self.root.all("uses-sdk"), XmlElement("uses-sdk")).android
        min_sdk = self.number(sdk.get("minSdkVersion")) or 1
        cleartext, domains = self.cleartext()
        return ManifestFacts(
            package=self.package,
            version=self.text(self.root.android.get("versionName")),
            version_code=self.number(self.root.android.get("versionCode")) or 0,
            min_sdk=min_sdk,
            target_sdk=self.number(sdk.get("targetSdkVersion")) or min_sdk,
            permissions=self.permissions(),
            permission_levels={
                self.text(permission.android.get("name")): self.level(
                    permission.android.get("protectionLevel")
                )
                for permission in self.root.all("permission")
            },
            debuggable=self.ever(application.get("debuggable")) is True,
            test_only=self.ever(application.get("testOnly")) is True,
            backup=self.ever(application.get("allowBackup")),
            backup_rules=self.has_backup_rules(),
            cleartext=cleartext,
            cleartext_domains=domains,
            components=self.components(),
            meta_data={
                self.text(meta_data.android.get("name")): self.text(
                    meta_data.android.get("value", meta_data.android.get("resource"))
                )[:500]
                for meta_data in self.application.all("meta-data")
            },
        )

    def text(self, value: Value) -> str:
        resource = self.resources.first(value)
        return "" if resource is None else printable(resource)[:1_000]

    def number(self, value: Value) -> int | None:
        resource = self.resources.first(value)
        if isinstance(resource, str):
            return _level_of_codename(resource)
        return resource if isinstance(resource, int) else None

    def ever(self, value: Value) -> bool | None:
        """Whether a flag is set in any configuration; None where nothing is said."""
        truths = [_truth(resource) for resource in self.resources.values(value)]
        return None if not truths else any(truths)

    def permissions(self) -> list[RequestedPermission]:
        requested: dict[str, RequestedPermission] = {}
        for permission in self.root.all(*_PERMISSIONS):
            name = self.text(permission.android.get("name"))
            newest = self.number(permission.android.get("maxSdkVersion"))
            earlier = requested.get(name)
            if earlier and (earlier.max_sdk is None or newest is None):
                newest = None
            elif earlier and earlier.max_sdk is not None and newest is not None:
                newest = max(newest, earlier.max_sdk)
            if name:
                requested[name] = RequestedPermission(name, newest)
        return list(requested.values())[:_MOST]

    def level(self, value: Value) -> str:
        resource = self.resources.first(value)
        if isinstance(resource, str):
            first = resource.split("|")[0].strip()
            return first if first in _LEVELS.values() else "normal"
        number = resource if isinstance(resource, int) else 0
        return _LEVELS.get(number & _LEVEL_BITS, "normal")

    def has_backup_rules(self) -> bool:
        application = self.application.android
        for name in ("dataExtractionRules", "fullBackupContent"):
            for value in self.resources.values(application.get(name)):
                rules = self.open_xml(value) if isinstance(value, str) else None
                if rules is not None and _mentions(rules, ("include", "exclude")):
                    return True
        return False

    def components(self) -> list[Component]:
        default_permission = self.text(self.application.android.get("permission"))
        enabled = self.ever(self.application.android.get("enabled")) is not False
        return [
            self.component(element, default_permission, enabled)
            for element in list(self.application.all(*_COMPONENTS))[:_MOST]
        ]

    def component(self, element: XmlElement, default_permission: str, enabled: bool) -> Component:
        attributes = element.android
        permission = self.text(attributes.get("permission")) or default_permission
        return Component(
            kind=element.name,
            name=self.class_name(self.text(attributes.get("name"))),
            exported=self.ever(attributes.get("exported")),
            enabled=enabled and self.ever(attributes.get("enabled")) is not False,
            permission=permission,
            read_permission=self.text(attributes.get("readPermission")) or permission,
            write_permission=self.text(attributes.get("writePermission")) or permission,
            filters=[
                self.intent_filter(filter_element)
                for filter_element in element.all("intent-filter")
            ],
        )

    def intent_filter(self, element: XmlElement) -> IntentFilter:
        def named(tag: str, attribute: str) -> list[str]:
            return [
                self.text(child.android.get(attribute))
                for child in element.all(tag)
                if attribute in child.android
            ][:100]

        return IntentFilter(
            actions=named("action", "name"),
            categories=named("category", "name"),
            schemes=named("data", "scheme"),
        )

    def class_name(self, name: str) -> str:
        if name.startswith("."):
            return self.package + name
        return name if "." in name else f"{self.package}.{name}"

    def cleartext(self) -> tuple[bool | None, list[str]]:
        """Whether connections without TLS are allowed, and to which domains alone.

        The configuration, where there is one, replaces the attribute (from Android 7).
        """
        stated = self.ever(self.application.android.get("usesCleartextTraffic"))
        for value in self.resources.values(self.application.android.get("networkSecurityConfig")):
            configuration = self.open_xml(value) if isinstance(value, str) else None
            if configuration is None:
                continue
            base = None
            for element in configuration.all("base-config"):
                base = self.permitted(element)
            domains = sorted(set(self.cleartext_domains(configuration.all("domain-config"), base)))
            return base, [domain for domain in domains if domain not in _LOCAL][:_MOST]
        return stated, []

    def cleartext_domains(
        self, elements: Iterable[XmlElement], inherited: bool | None
    ) -> Iterable[str]:
        for element in elements:
            stated = self.permitted(element)
            permitted = inherited if stated is None else stated
            if permitted:
                for domain in element.all("domain"):
                    yield domain.text.lower()
            yield from self.cleartext_domains(element.all("domain-config"), permitted)

    def permitted(self, element: XmlElement) -> bool | None:
        name = "cleartextTrafficPermitted"
        return self.ever(element.plain.get(name, element.android.get(name)))


def _truth(value: Value) -> bool:
    """As Android reads a flag: any number but zero, or "true".

    >>> _truth("true"), _truth("false"), _truth(0)
    (True, False, False)
    """
    if isinstance(value, str):
        return value.strip().lower() in ("true", "1")
    return bool(value)


def _level_of_codename(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _mentions(element: XmlElement, names: tuple[str, ...]) -> bool:
    return element.name in names or any(_mentions(child, names) for child in element.children)
