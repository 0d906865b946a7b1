"""Facts of an app that findings are derived from; passed between processes as JSON."""

from __future__ import annotations

import types
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RequestedPermission:
    """`max_sdk`: newest API level on which the permission is requested, None for all."""

    name: str
    max_sdk: int | None = None


@dataclass(frozen=True, slots=True)
class IntentFilter:
    actions: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    schemes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Component:
    """An activity, alias, service, receiver or provider; `exported` None where nothing is said."""

    kind: str
    name: str
    exported: bool | None = None
    enabled: bool = True
    permission: str = ""
    read_permission: str = ""
    write_permission: str = ""
    filters: list[IntentFilter] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ManifestFacts:
    """Declarations of the manifest.

    target_sdk, min_sdk  levels of Android's interface; as Android reads them where they are missing
    permission_levels    permissions that the app itself defines → normal, dangerous, signature, …
    backup               whether a device may back up its data; None where nothing is said
    backup_rules         whether rules limit what is backed up
    cleartext            whether unencrypted connections are allowed; None where nothing is said
    cleartext_domains    of these alone the network security configuration allows it
    """

    package: str
    version: str = ""
    version_code: int = 0
    min_sdk: int = 1
    target_sdk: int = 1
    permissions: list[RequestedPermission] = field(default_factory=list)
    permission_levels: dict[str, str] = field(default_factory=dict)
    debuggable: bool = False
    test_only: bool = False
    backup: bool | None = None
    backup_rules: bool = False
    cleartext: bool | None = None
    cleartext_domains: list[str] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    meta_data: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundHost:
    """A host found in the app: an address with it, its file, and whether it is without TLS."""

    host: str
    address: str
    where: str
    cleartext: bool = False


@dataclass(frozen=True, slots=True)
class SmsCall:
    """A method that sends text messages, and the texts of digits in it and its class."""

    method: str
    numbers: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """Contents of code, resources and files.

    packages  Java packages that classes are in or refer to
    dynamic   calls that load code, and code files in unusual folders
    native    libraries of machine code
    unread    files of code that could not be read
    """

    classes: int = 0
    packages: list[str] = field(default_factory=list)
    hosts: list[FoundHost] = field(default_factory=list)
    sms: list[SmsCall] = field(default_factory=list)
    sms_numbers: list[str] = field(default_factory=list)
    dynamic: list[str] = field(default_factory=list)
    native: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate an app is signed with.

    sha256     fingerprint of the certificate
    algorithm  of the certificate's own signature, such as sha256
    key        rsa, ec, dsa; bits of it
    """

    sha256: str
    subject: str = ""
    algorithm: str = ""
    key: str = ""
    bits: int = 0


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """How an app is signed.

    schemes  v1, v2, v3 where present
    digest   weakest digest of the first scheme, the only one that old devices know
    lineage  fingerprints that a verified proof of rotation leads from, oldest first
    problem  why the signature does not verify, "" where it does
    """

    schemes: list[str] = field(default_factory=list)
    signers: list[Signer] = field(default_factory=list)
    digest: str = ""
    lineage: list[str] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AppFacts:
    sha256: str
    size: int
    manifest: ManifestFacts
    code: CodeFacts
    signature: SignatureFacts

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> AppFacts:
        return _built(cls, document)


def _built(kind: type[T], document: dict[str, Any]) -> T:
    hints = get_type_hints(kind)
    return kind(
        **{
            data_field.name: _value(hints[data_field.name], document[data_field.name])
            for data_field in fields(kind)  # type: ignore[arg-type]
            if data_field.name in document
        }
    )


def _value(hint: Any, value: Any) -> Any:
    if isinstance(hint, types.UnionType):
        return value
    if get_origin(hint) is list and is_dataclass(get_args(hint)[0]):
        return [_built(get_args(hint)[0], member) for member in value]
    if isinstance(hint, type) and is_dataclass(hint):
        return _built(hint, value)
    return value
