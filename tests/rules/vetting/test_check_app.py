"""Each fault of an app is found, and what looks like one is not."""

from __future__ import annotations

import base64
import io
from datetime import date

import pytest

from amends.causes.vetting.rules.apk.inspect import inspect_app
from amends.causes.vetting.rules.check_app import AppJudgement, app_rules, check_app
from apk_builder import LAUNCHER, apk, manifest, resources, signed, signing_key

pytestmark = pytest.mark.no_database

ON = date(2026, 12, 1)
SMS = "Landroid/telephony/SmsManager;"
BOOT = "android.intent.action.BOOT_COMPLETED"


def judged(data: bytes, app_type: str = "tool", **known: object) -> AppJudgement:
    facts = inspect_app(io.BytesIO(data))
    return check_app(facts, rules=app_rules(ON), app_type=app_type, **known)


def codes(data: bytes, app_type: str = "tool", **known: object) -> set[str]:
    return {one.code for one in judged(data, app_type, **known).findings}


def part(kind: str, attributes: str, action: str = "com.example.torch.DO") -> str:
    inner = f'<intent-filter><action android:name="{action}"/></intent-filter>' if action else ""
    return f'{LAUNCHER}<{kind} android:name=".Part" {attributes}>{inner}</{kind}>'


def test_an_app_without_faults_passes() -> None:
    found = judged(apk())
    assert (found.verdict, found.findings) == ("pass", [])


@pytest.mark.parametrize(
    ("asked", "app_type", "is_excess"),
    [
        ("READ_CONTACTS", "flashlight", True),
        ("READ_CONTACTS", "chat", False),
        ("CAMERA", "flashlight", False),
        ("CAMERA", "calculator", True),
        ("ACCESS_FINE_LOCATION", "map", False),
        ("ACCESS_FINE_LOCATION", "calculator", True),
        ("READ_CALL_LOG", "operator", True),
        ("READ_SMS", "", True),
        ("ACCESS_FINE_LOCATION", "", False),
        ("VIBRATE", "calculator", False),
    ],
)
def test_permissions_are_judged_by_type(asked: str, app_type: str, is_excess: bool) -> None:
    found = codes(apk(manifest(permissions=("INTERNET", asked))), app_type)
    assert ("PERMISSION_EXCESS" in found) == is_excess


def test_a_permission_that_no_supported_device_is_asked_for_is_no_excess() -> None:
    asked = '<uses-permission android:name="android.permission.{}" android:maxSdkVersion="{}"/>'
    assert not codes(apk(manifest(more=asked.format("READ_CONTACTS", 22))), "calculator")
    assert not codes(apk(manifest(more=asked.format("WRITE_EXTERNAL_STORAGE", 28))), "calculator")
    assert codes(apk(manifest(more=asked.format("READ_CONTACTS", 33))), "calculator")


@pytest.mark.parametrize(
    ("application", "target", "expected"),
    [
        ('android:allowBackup="false" android:debuggable="true"', 34, {"DEBUGGABLE"}),
        ('android:allowBackup="true"', 34, {"BACKUP"}),
        ("", 34, {"BACKUP"}),
        (
            'android:allowBackup="false" android:usesCleartextTraffic="true"',
            34,
            {"CLEARTEXT"},
        ),
        ('android:allowBackup="false"', 27, {"CLEARTEXT", "OLD_TARGET_SDK"}),
        (
            'android:allowBackup="false" android:usesCleartextTraffic="false"',
            27,
            {"OLD_TARGET_SDK"},
        ),
    ],
)
def test_flags_of_the_application(application: str, target: int, expected: set[str]) -> None:
    assert codes(apk(manifest(application=application, target_sdk=target))) == expected


@pytest.mark.parametrize(
    ("components", "target", "is_open"),
    [
        (part("service", 'android:exported="true"'), 34, True),
        (part("activity", 'android:exported="true"', ""), 34, True),
        (part("receiver", "", "com.other.ACTION"), 30, True),
        (part("receiver", "", "com.other.ACTION"), 31, False),
        (part("service", 'android:exported="false"'), 30, False),
        (part("service", 'android:exported="true" android:enabled="false"'), 34, False),
        (part("service", 'android:exported="true" android:permission="com.a.SIGNED"'), 34, False),
        (part("service", 'android:exported="true" android:permission="com.a.ANY"'), 34, True),
        (
            part("service", 'android:exported="true" android:permission="android.permission.DUMP"'),
            34,
            False,
        ),
        (
            part(
                "service",
                'android:exported="true" android:permission="android.permission.INTERNET"',
            ),
            34,
            True,
        ),
        (part("receiver", 'android:exported="true"', "android.intent.action.TIME_SET"), 34, False),
        (part("provider", 'android:exported="true" android:authorities="a"', ""), 34, True),
        (part("provider", 'android:authorities="a"', ""), 34, False),
        (
            part("provider", 'android:exported="true" android:readPermission="com.a.SIGNED"', ""),
            34,
            True,
        ),
        (part("activity", 'android:exported="true"', "android.intent.action.SEND"), 34, False),
    ],
)
def test_components_open_to_other_apps(components: str, target: int, is_open: bool) -> None:
    own = (
        '<permission android:name="com.a.SIGNED" android:protectionLevel="2"/>'
        '<permission android:name="com.a.ANY"/>'
    )
    text = manifest(components=components, target_sdk=target, more=own)
    assert ("EXPORTED_UNPROTECTED" in codes(apk(text))) == is_open


def test_a_link_that_pages_may_open_is_no_finding() -> None:
    link = (
        '<activity android:name=".Link" android:exported="true"><intent-filter>'
        '<action android:name="android.intent.action.VIEW"/>'
        '<category android:name="android.intent.category.BROWSABLE"/>'
        '<data android:scheme="https" android:host="example.com"/></intent-filter></activity>'
    )
    assert not codes(apk(manifest(components=LAUNCHER + link)))


def test_a_receiver_that_starts_the_app() -> None:
    starts = part("receiver", 'android:exported="false"', BOOT)
    asked = ("INTERNET", "RECEIVE_BOOT_COMPLETED")
    assert codes(apk(manifest(components=starts, permissions=asked))) == {"SELF_START"}
    off = part("receiver", 'android:exported="false" android:enabled="false"', BOOT)
    assert not codes(apk(manifest(components=off, permissions=asked)))


@pytest.mark.parametrize(
    ("steps", "app_type", "expected"),
    [
        ((("text", "10661234"), ("call", SMS, "sendTextMessage")), "operator", {"PREMIUM_SMS"}),
        ((("text", "10086"), ("call", SMS, "sendTextMessage")), "operator", set()),
        (
            (("call", SMS, "sendMultipartTextMessage"),),
            "game",
            {"PREMIUM_SMS", "PERMISSION_EXCESS"},
        ),
        ((("text", "10661234"),), "operator", set()),
    ],
)
def test_messages_to_short_numbers(
    steps: tuple[tuple[str, ...], ...], app_type: str, expected: set[str]
) -> None:
    asked = manifest(permissions=("INTERNET", "SEND_SMS"))
    assert codes(apk(asked, code={"Lcom/example/torch/A;": steps}), app_type) == expected


def test_a_number_handed_over_by_a_caller() -> None:
    code = {
        "Lcom/example/torch/Sender;": (("call", SMS, "sendTextMessage"),),
        "Lcom/example/torch/Start;": (
            ("text", "8888"),
            ("call", "Lcom/example/torch/Sender;", "run"),
        ),
        "Lcom/example/torch/Other;": (("text", "4444"),),
    }
    found = judged(apk(manifest(permissions=("SEND_SMS",)), code=code), "operator").findings
    assert [one.evidence for one in found] == ["com.example.torch.Sender.run: 8888"]


def test_trackers_by_class_manifest_entry_and_host() -> None:
    entry = '<meta-data android:name="UMENG_APPKEY" android:value="5f"/>'
    assert codes(apk(code={"Lcom/appsflyer/Lib;": ()})) == {"TRACKER"}
    assert codes(apk(manifest(components=LAUNCHER + entry))) == {"TRACKER"}
    text = (("text", "https://app-measurement.com/a"),)
    assert codes(apk(code={"Lcom/example/torch/A;": text})) == {"TRACKER"}
    assert not codes(apk(code={"Lcom/umengine/Game;": ()}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://collect.other.top/up", {"UNKNOWN_HOST"}),
        ("http://api.example.com/a", {"CLEARTEXT"}),
        ("https://api.example.com/a", set()),
        ("https://cdn.example.com.cn/a", set()),
        ("http://schemas.android.com/apk/res/android", set()),
        ("http://www.w3.org/2000/svg", set()),
        ("http://127.0.0.1:8080/", set()),
        ("https://203.0.113.9/a", {"UNKNOWN_HOST"}),
        ("collect.other.top", {"UNKNOWN_HOST"}),
        ("com.google.android", set()),
        (base64.b64encode(b"https://hidden.other.top/x").decode(), {"UNKNOWN_HOST"}),
        ("https://%s/path", set()),
        ("https://agreed.partner.cn/", set()),
    ],
)
def test_hosts(text: str, expected: set[str]) -> None:
    data = apk(code={"Lcom/example/torch/A;": (("text", text),)})
    assert codes(data, known_hosts={"partner.cn"}) == expected


def test_hosts_in_files_but_not_in_licences() -> None:
    files = {"assets/config.json": '{"u": "https://collect.other.top/"}'}
    assert codes(apk(files=files)) == {"UNKNOWN_HOST"}
    assert not codes(apk(files={"assets/LICENSE.txt": "See http://www.opensource.example/mit"}))


@pytest.mark.parametrize(
    ("code", "files", "severity"),
    [
        ({"LA;": (("call", "Ldalvik/system/DexClassLoader;", "<init>"),)}, {}, "medium"),
        ({"LA;": (("call", "Ljava/lang/System;", "loadLibrary"),)}, {}, "low"),
        ({"LA;": (("text", "dalvik.system.DexClassLoader"),)}, {}, "medium"),
        ({}, {"lib/arm64-v8a/liba.so": b"\x7fELF"}, "low"),
        ({}, {"assets/a.bin": b"dex\n035\0"}, "medium"),
    ],
)
def test_code_that_is_loaded(code: dict, files: dict, severity: str) -> None:
    found = judged(apk(code=code, files=files)).findings
    assert [(one.code, one.severity) for one in found] == [("NATIVE_OR_DYNAMIC_CODE", severity)]


def test_values_that_refer_to_resources() -> None:
    table = resources({0x7F010000: True, 0x7F010001: 0x7F010000, 0x7F010002: 0x7F010002})
    files = {"resources.arsc": table}

    def with_flag(number: str) -> bytes:
        flags = f'android:allowBackup="false" android:debuggable="@0x7f01{number}"'
        return apk(manifest(application=flags), files=files)

    assert codes(with_flag("0001")) == {"DEBUGGABLE"}
    assert not codes(with_flag("0002")), "a reference to itself has no value"


def test_a_network_security_configuration_decides() -> None:
    from apk_builder import binary_xml

    text = (
        '<network-security-config><domain-config cleartextTrafficPermitted="{}">'
        "<domain>{}</domain></domain-config></network-security-config>"
    )
    flags = (
        'android:allowBackup="false" android:usesCleartextTraffic="true" '
        'android:networkSecurityConfig="@0x7f010000"'
    )

    def with_configuration(permitted: str, domain: str) -> set[str]:
        files = {
            "resources.arsc": resources({0x7F010000: "res/xml/net.xml"}),
            "res/xml/net.xml": binary_xml(text.format(permitted, domain)),
        }
        return codes(apk(manifest(application=flags), files=files))

    assert with_configuration("true", "old.example.com") == {"CLEARTEXT"}
    assert with_configuration("false", "old.example.com") == set()
    assert with_configuration("true", "localhost") == set()


def test_signatures() -> None:
    unsigned = apk(key="")
    assert [one.rule for one in judged(unsigned).findings] == ["not-signed"]
    data = bytearray(signed(unsigned, "vendor"))
    data[10] ^= 1  # the time of the first entry
    with_fault = [one.rule for one in judged(bytes(data)).findings]
    assert "signature-invalid" in with_fault


def test_another_certificate_is_found() -> None:
    from hashlib import sha256

    first = sha256(signing_key("vendor")[1]).hexdigest()
    assert not codes(apk(), certificates={first})
    assert codes(apk(key="somebody else"), certificates={first}) == {"CERTIFICATE_CHANGED"}
