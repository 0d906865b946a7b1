"""Findings of an app: its facts compared with the rules of a day."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from amends.causes.vetting.rules.apk.facts import (
    AppFacts,
    Component,
    IntentFilter,
    RequestedPermission,
    Signer,
)
from amends.causes.vetting.rules.apk.signature import NOT_SIGNED, STRIPPED
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import RuleFile, load_rules
from amends.platform.kit.printable import printable

Verdict = Literal["pass", "conditions", "reject"]
VERDICTS: tuple[Verdict, ...] = ("reject", "conditions", "pass")

PACKAGE = "amends.causes.vetting"
_BROWSABLE = "android.intent.category.BROWSABLE"
_VIEW, _MAIN = "android.intent.action.VIEW", "android.intent.action.MAIN"
_STARTS = frozenset(
    f"android.intent.category.{name}" for name in ("LAUNCHER", "LEANBACK_LAUNCHER", "HOME")
)
_SHARES = frozenset(
    f"android.intent.action.{name}" for name in ("SEND", "SEND_MULTIPLE", "PROCESS_TEXT")
)
_PROTECTING = ("signature", "signatureOrSystem", "internal")
_EXPORTED_SAID_FROM, _PROVIDERS_CLOSED_FROM, _CLEARTEXT_CLOSED_FROM = 31, 17, 28
_LISTED = 10
_LONGEST_EVIDENCE = 500
_SECOND_LEVEL = frozenset({"com", "net", "org", "gov", "edu", "ac", "co"})
_TOP_LEVEL = frozenset({"com", "cn", "net", "org", "io", "me", "app", "www", "android"})
_COARSE_FOR_BLUETOOTH_SDK = 30
_OLD_STORAGE_SDK = 32


@dataclass(frozen=True, slots=True)
class AppFinding:
    """One thing that harms users.

    rule      id of the row of `app-findings@….toml`
    code      what kind of fault it is; severity: high, medium, low
    evidence  what was found and where, the same in every language
    values    what is filled into the texts of the rule
    """

    rule: str
    code: str
    severity: str
    evidence: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AppJudgement:
    """The findings, the worst first, the verdict, and the versions of the rules."""

    verdict: Verdict
    findings: list[AppFinding]
    rules: list[str]


@dataclass(frozen=True, slots=True)
class AppRules:
    """The rule files in force on a day."""

    findings: RuleFile
    permissions: RuleFile
    types: RuleFile
    trackers: RuleFile
    hosts: RuleFile

    @property
    def versions(self) -> list[str]:
        files = (self.findings, self.permissions, self.types, self.trackers, self.hosts)
        return [file.version for file in files]

    def rule(self, rule: str) -> Mapping[str, Any]:
        """A row of `app-findings`."""
        return next(row for row in self.findings.data["findings"] if row["id"] == rule)


def app_rules(on: date) -> AppRules:
    """The rules of a day."""
    return AppRules(
        findings=load_rules(PACKAGE, "app-findings", on),
        permissions=load_rules(PACKAGE, "app-permissions", on),
        types=load_rules(PACKAGE, "app-types", on),
        trackers=load_rules(PACKAGE, "trackers", on),
        hosts=load_rules(PACKAGE, "known-hosts", on),
    )


def check_app(
    facts: AppFacts,
    *,
    rules: AppRules,
    app_type: str = "",
    known_hosts: Collection[str] = (),
    certificates: Collection[str] = (),
) -> AppJudgement:
    """Judge an app.

    app_type      a type of `app-types@….toml`; "" where it is not known: then only what no type
                  needs counts as excess
    known_hosts   hosts that the operator has agreed to, in addition to those of the rules
    certificates  fingerprints accepted for the package; none where it was never checked
    """
    check = _Check(facts, rules, app_type, frozenset(known_hosts), frozenset(certificates))
    order = ("high", "medium", "low")
    findings = sorted(check.findings(), key=lambda finding: order.index(finding.severity))
    by_severity: Mapping[str, Verdict] = rules.findings.data["verdict"]
    verdicts = {by_severity[finding.severity] for finding in findings}
    verdict = next(verdict_code for verdict_code in VERDICTS if verdict_code in {*verdicts, "pass"})
    return AppJudgement(verdict, findings, rules.versions)


def verdict_of(severities: Collection[str], rules: AppRules) -> Verdict:
    """The verdict that findings of these severities lead to."""
    by_severity: Mapping[str, Verdict] = rules.findings.data["verdict"]
    verdicts = {by_severity[severity] for severity in severities}
    return next(verdict for verdict in VERDICTS if verdict in {*verdicts, "pass"})


class _Check:
    def __init__(
        self,
        facts: AppFacts,
        rules: AppRules,
        app_type: str,
        known_hosts: frozenset[str],
        certificates: frozenset[str],
    ) -> None:
        self.facts = facts
        self.manifest = facts.manifest
        self.rules = rules
        self.data = rules.findings.data
        self.certificates = certificates
        self.groups = {row["id"]: row for row in rules.permissions.data["groups"]}
        self.allowed = self._allowed(app_type)
        listed = {host for row in rules.hosts.data["hosts"] for host in row["hosts"]}
        self.known = listed | {host.lower().strip(".") for host in known_hosts}
        self.requested = {
            permission.name
            for permission in self.manifest.permissions
            if permission.max_sdk is None or permission.max_sdk >= self.manifest.min_sdk
        }

    def findings(self) -> Iterator[AppFinding]:
        yield from self.permissions()
        yield from self.trackers()
        yield from self.cleartext()
        if self.manifest.debuggable:
            yield self.found("debuggable", "android:debuggable=true")
        yield from self.backup()
        yield from self.exported()
        yield from self.target()
        yield from self.sms()
        yield from self.self_start()
        yield from self.signature()
        yield from self.certificate()
        yield from self.hosts()
        yield from self.code()

    def found(self, rule: str, evidence: str, *, severity: str = "", **values: str) -> AppFinding:
        row = self.rules.rule(rule)
        evidence_text = printable(evidence)[:_LONGEST_EVIDENCE]
        filled = {name: printable(value)[:_LONGEST_EVIDENCE] for name, value in values.items()}
        severity = severity or row["severity"]
        return AppFinding(
            rule=rule,
            code=row["code"],
            severity=severity,
            evidence=evidence_text,
            values={"evidence": evidence_text, **filled},
        )

    # Permissions

    def _allowed(self, app_type: str) -> set[str]:
        rows = self.rules.types.data["types"]
        if app_type and app_type not in {row["id"] for row in rows}:
            raise BadInput(
                _("There is no type of app “%(type)s”."),
                next_step=_("Choose one of %(known)s."),
                values={"type": app_type, "known": ", ".join(row["id"] for row in rows)},
                code="unknown_app_type",
            )
        chosen = [row for row in rows if app_type in ("", row["id"])]
        return {
            permission
            for row in chosen
            for group in (*row["needs"], *row["usual"])
            for permission in self.groups[group]["permissions"]
        } | {permission for row in chosen for permission in row.get("permissions", ())}

    def permissions(self) -> Iterator[AppFinding]:
        group_of = {name: row for row in self.groups.values() for name in row["permissions"]}
        for permission in self.manifest.permissions:
            row = group_of.get(permission.name)
            if (
                row
                and permission.name in self.requested - self.allowed
                and not self.only_old(permission)
            ):
                yield self.found(
                    "permission-excess", permission.name, severity=row["severity"], group=row["id"]
                )

    def only_old(self, permission: RequestedPermission) -> bool:
        """Whether Android's own guides say to ask for it on old devices alone, as here."""
        if permission.max_sdk is None:
            return False
        if permission.name in self.groups["storage"]["permissions"]:
            return permission.max_sdk <= _OLD_STORAGE_SDK
        scans = "android.permission.BLUETOOTH_SCAN" in self.requested & self.allowed
        return (
            scans
            and permission.name in self.groups["location"]["permissions"]
            and permission.max_sdk <= _COARSE_FOR_BLUETOOTH_SDK
        )

    # Data to third parties

    def trackers(self) -> Iterator[AppFinding]:
        packages = self.facts.code.packages
        hosts = {host.host for host in self.facts.code.hosts}
        for row in self.rules.trackers.data["trackers"]:
            if any(_within(self.manifest.package, package) for package in row["packages"]):
                continue
            inside = [
                package for package in packages if any(_within(package, p) for p in row["packages"])
            ]
            declared = [
                meta_name for meta_name in row["meta_data"] if meta_name in self.manifest.meta_data
            ]
            called = [
                found_host
                for found_host in hosts
                if any(_is_host(found_host, host) for host in row["hosts"])
            ]
            evidence = inside[:1] + declared[:1] + sorted(called)[:1]
            if evidence:
                yield self.found("tracker", f"{row['en']}: {', '.join(evidence)}", name=row["en"])

    def hosts(self) -> Iterator[AppFinding]:
        reported = set()
        tracking = {host for row in self.rules.trackers.data["trackers"] for host in row["hosts"]}
        for found_host in self.facts.code.hosts:
            is_known = any(_is_host(found_host.host, host) for host in self.known | tracking)
            if (
                found_host.host not in reported
                and not is_known
                and not self.is_own(found_host.host)
            ):
                reported.add(found_host.host)
                yield self.found(
                    "unknown-host",
                    f"{found_host.host} ({found_host.address}, {found_host.where})",
                    host=found_host.host,
                )

    def is_own(self, host: str) -> bool:
        """Whether a host belongs to the app's maker, by the name of the package."""
        parts = [part for part in self.manifest.package.lower().split(".") if part]
        name = next((part for part in parts if part not in _TOP_LEVEL), "")
        return len(name) > 1 and _registered_name(host) == name.replace("_", "-")

    # Transport and data on the device

    def cleartext(self) -> Iterator[AppFinding]:
        manifest = self.manifest
        uses_network = "android.permission.INTERNET" in self.requested
        if manifest.cleartext:
            yield self.found("cleartext-allowed", "cleartext traffic permitted")
        elif (
            manifest.cleartext is None
            and uses_network
            and manifest.target_sdk < _CLEARTEXT_CLOSED_FROM
        ):
            yield self.found("cleartext-default", f"targetSdkVersion {manifest.target_sdk}")
        for domain in manifest.cleartext_domains[:_LISTED]:
            yield self.found("cleartext-domain", domain)
        seen = set()
        for found_host in self.facts.code.hosts:
            listed = any(_is_host(found_host.host, host) for host in self.known)
            if found_host.cleartext and not listed and found_host.host not in seen:
                seen.add(found_host.host)
                yield self.found("cleartext-address", f"{found_host.address} ({found_host.where})")

    def backup(self) -> Iterator[AppFinding]:
        if self.manifest.backup_rules:
            return
        if self.manifest.backup:
            yield self.found("backup-allowed", "android:allowBackup=true")
        elif self.manifest.backup is None:
            yield self.found("backup-default", "android:allowBackup")

    # Components

    def exported(self) -> Iterator[AppFinding]:
        for component in self.manifest.components:
            if not self.is_open(component) or self.is_public(component):
                continue
            evidence = f"{component.kind} {component.name}"
            if component.kind == "provider":
                if not (
                    self.protects(component.read_permission)
                    and self.protects(component.write_permission)
                ):
                    yield self.found("exported-data", evidence)
            elif not self.protects(component.permission):
                rule = "exported-default" if component.exported is None else "exported"
                yield self.found(rule, evidence)

    def is_open(self, component: Component) -> bool:
        if not component.enabled:
            return False
        if component.exported is not None:
            return component.exported
        if component.kind == "provider":
            return self.manifest.target_sdk < _PROVIDERS_CLOSED_FROM
        return bool(component.filters) and self.manifest.target_sdk < _EXPORTED_SAID_FROM

    def is_public(self, component: Component) -> bool:
        """Whether a component has to be open, or can only be reached by the system."""
        if component.kind.startswith("activity"):
            if any(component.name.endswith(name) for name in self.data["exported"]["required"]):
                return True
            if any(_MAIN in f.actions and _STARTS & set(f.categories) for f in component.filters):
                return True
            return bool(component.filters) and all(_for_everybody(f) for f in component.filters)
        if component.kind == "receiver":
            system = set(self.data["exported"]["system_broadcasts"])
            actions = {action for f in component.filters for action in f.actions}
            return bool(actions) and actions <= system
        return False

    def protects(self, permission: str) -> bool:
        if not permission:
            return False
        if permission in self.manifest.permission_levels:
            return self.manifest.permission_levels[permission] in _PROTECTING
        if permission.startswith(f"{self.manifest.package}."):
            return False
        return permission not in self.data["exported"]["normal_permissions"]

    def target(self) -> Iterator[AppFinding]:
        minimum = int(self.data["target_sdk"]["least"])
        if self.manifest.target_sdk < minimum:
            yield self.found("old-target", str(self.manifest.target_sdk), least=str(minimum))

    def self_start(self) -> Iterator[AppFinding]:
        actions = set(self.data["self_start"]["actions"])
        for component in self.manifest.components:
            started = {a for f in component.filters for a in f.actions} & actions
            if component.kind == "receiver" and component.enabled and started:
                names = ", ".join(sorted(name.rpartition(".")[2] for name in started))
                yield self.found("self-start", f"{component.name}: {names}", action=names)

    # Text messages

    def sms(self) -> Iterator[AppFinding]:
        code, rules = self.facts.code, self.data["text_messages"]
        if rules["permission"] not in self.requested or not code.sms:
            return
        access = [
            sms_number
            for sms_number in code.sms_numbers
            if re.fullmatch(rules["access"], sms_number)
        ]
        for call in code.sms:
            numbers = [
                number
                for number in call.numbers
                if re.fullmatch(rules["premium"], number)
                and not re.fullmatch(rules["public"], number)
            ]
            if numbers or access:
                listed_text = ", ".join((numbers or access)[:_LISTED])
                yield self.found("premium-number", f"{call.method}: {listed_text}")
            elif rules["permission"] not in self.allowed:
                yield self.found("sms-sent", call.method)

    # Signature

    def signature(self) -> Iterator[AppFinding]:
        signature, rules = self.facts.signature, self.data["signature"]
        if signature.problem:
            problem_codes = {NOT_SIGNED: "not-signed", STRIPPED: "signature-removed"}
            schemes = ", ".join(signature.schemes) or "META-INF"
            yield self.found(problem_codes.get(signature.problem, "signature-invalid"), schemes)
        for signer in signature.signers:
            yield from self.signer(signer)
        if signature.schemes == ["v1"]:
            yield self.found("v1-only", "v1")
        only = len(signature.schemes) == 1
        matters = only or self.manifest.min_sdk < rules["v1_matters_below"]
        if signature.digest in rules["weak_digests"] and matters:
            yield self.found("weak-digest", f"v1: {signature.digest}")

    def signer(self, signer: Signer) -> Iterator[AppFinding]:
        rules = self.data["signature"]
        if any(name.lower() in signer.subject.lower() for name in rules["debug_subjects"]):
            yield self.found("debug-certificate", signer.subject)
        if signer.algorithm in rules["weak_digests"]:
            yield self.found("weak-digest", f"certificate: {signer.algorithm}")
        minimum = int(rules.get(f"{signer.key}_bits", 0))
        if signer.bits and signer.bits < minimum:
            yield self.found("short-key", f"{signer.key} {signer.bits}", least=str(minimum))

    def certificate(self) -> Iterator[AppFinding]:
        now = {signer.sha256 for signer in self.facts.signature.signers}
        if not self.certificates or not now or now <= self.certificates:
            return
        if self.certificates & set(self.facts.signature.lineage):
            return
        before, after = sorted(self.certificates)[0], sorted(now)[0]
        yield self.found("certificate-changed", f"SHA-256 {before[:16]}… → {after[:16]}…")

    # Code

    def code(self) -> Iterator[AppFinding]:
        code = self.facts.code
        files = [
            dynamic_call
            for dynamic_call in code.dynamic
            if "/" in dynamic_call or not _is_call(dynamic_call)
        ]
        loading = [
            dynamic_call
            for dynamic_call in code.dynamic
            if _is_call(dynamic_call) and not _is_native(dynamic_call)
        ]
        native = [
            dynamic_call for dynamic_call in code.dynamic if _is_native(dynamic_call)
        ] + code.native
        if loading:
            yield self.found("code-loaded", _some(loading))
        if files:
            yield self.found("code-file", _some(files))
        if native:
            yield self.found("native-code", _some(native))
        if code.unread:
            yield self.found("unread", _some(code.unread))


def _is_call(text: str) -> bool:
    return text.startswith(("dalvik.", "java.")) and "/" not in text


def _is_native(text: str) -> bool:
    return text.startswith("java.lang.")


def _some(names: Sequence[str]) -> str:
    more = f" (+{len(names) - _LISTED})" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _for_everybody(intent_filter: IntentFilter) -> bool:
    """Whether a filter offers what any app or page may ask for: opening a link, sharing."""
    opens = set(intent_filter.actions) == {_VIEW} and _BROWSABLE in intent_filter.categories
    return opens or (bool(intent_filter.actions) and set(intent_filter.actions) <= _SHARES)


def _within(package: str, prefix: str) -> bool:
    return package == prefix.rstrip(".") or package.startswith(prefix.rstrip(".") + ".")


def _is_host(host: str, listed: str) -> bool:
    """Whether a host is the listed one or below it.

    >>> _is_host("www.w3.org", "w3.org"), _is_host("notw3.org", "w3.org")
    (True, False)
    """
    return host == listed or host.endswith("." + listed)


def _registered_name(host: str) -> str:
    """The registered label of a host, without the public suffix.

    >>> _registered_name("api.example.com"), _registered_name("api.example.com.cn")
    ('example', 'example')
    """
    labels = host.split(".")
    if len(labels) >= 3 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2:
        return labels[-3]
    return labels[-2] if len(labels) >= 2 else ""
