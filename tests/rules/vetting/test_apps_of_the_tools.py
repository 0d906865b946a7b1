"""Apps built by aapt, smali and apksigner are read as devices read them."""

from __future__ import annotations

import subprocess
import zipfile
from datetime import date
from pathlib import Path

import pytest

from amends.causes.vetting.rules.apk.inspect import inspect_app
from amends.causes.vetting.rules.check_app import app_rules, check_app
from apk_builder import LAUNCHER, manifest

pytestmark = [pytest.mark.no_database, pytest.mark.needs("aapt")]

ATTRIBUTES = {
    "name": ("0x01010003", "string"),
    "exported": ("0x01010010", "boolean"),
    "debuggable": ("0x0101000f", "boolean"),
    "minSdkVersion": ("0x0101020c", "integer"),
    "targetSdkVersion": ("0x01010270", "integer"),
    "versionCode": ("0x0101021b", "integer"),
    "versionName": ("0x0101021c", "string"),
    "allowBackup": ("0x01010280", "boolean"),
    "networkSecurityConfig": ("0x01010527", "reference"),
}
SENDS = """.class public Lcom/example/torch/Main;
.super Ljava/lang/Object;
.method public static send()V
  .locals 6
  const-string v1, "10661234"
  invoke-virtual/range {v0 .. v5}, Landroid/telephony/SmsManager;->sendTextMessage(\
Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;\
Landroid/app/PendingIntent;Landroid/app/PendingIntent;)V
  return-void
.end method
"""
CONFIGURATION = """<network-security-config>
  <base-config cleartextTrafficPermitted="true"/>
</network-security-config>"""


def run(*command: object) -> None:
    subprocess.run([str(one) for one in command], check=True, capture_output=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two keys, and the part of Android's own resources that manifests refer to."""
    folder = tmp_path_factory.mktemp("apps")
    for name in ("old", "new"):
        run(
            *("keytool", "-genkeypair", "-keystore", folder / name, "-storepass", "secret1"),
            *("-keyalg", "RSA", "-keysize", "2048", "-alias", "a", "-dname", f"CN={name}"),
        )
    values = folder / "android" / "values"
    values.mkdir(parents=True)
    attributes = public = ""
    for name, (number, kind) in ATTRIBUTES.items():
        attributes += f'<attr name="{name}" format="{kind}"/>'
        public += f'<public type="attr" name="{name}" id="{number}"/>'
    (values / "attrs.xml").write_text(f"<resources>{attributes}</resources>")
    (values / "public.xml").write_text(f"<resources>{public}</resources>")
    own = folder / "AndroidManifest.xml"
    own.write_text('<manifest package="android"><application/></manifest>')
    run(
        *("aapt", "package", "-x", "-M", own),
        *("-S", folder / "android", "-F", folder / "android.apk"),
    )
    return folder


def built(folder: Path, name: str, text: str, code: str) -> Path:
    """An app that is not signed yet."""
    source = folder / name / "AndroidManifest.xml"
    source.parent.mkdir()
    source.write_text(text)
    xml = folder / "res" / "xml"
    xml.mkdir(parents=True, exist_ok=True)
    (xml / "net.xml").write_text(CONFIGURATION)
    values = folder / "res" / "values"
    values.mkdir(exist_ok=True)
    (values / "flags.xml").write_text('<resources><bool name="on">true</bool></resources>')
    app = folder / f"{name}-unsigned.apk"
    run(
        *("aapt", "package", "-M", source, "-I", folder / "android.apk"),
        *("-S", folder / "res", "-F", app),
    )
    (folder / f"{name}.smali").write_text(code)
    run("smali", "a", folder / f"{name}.smali", "-o", folder / "classes.dex")
    with zipfile.ZipFile(app, "a") as archive:
        archive.write(folder / "classes.dex", "classes.dex")
    return app


def signed_by(folder: Path, app: Path, name: str, *options: object) -> Path:
    made = folder / f"{app.stem}-{name}.apk"
    key = ("--ks", folder / name, "--ks-pass", "pass:secret1")
    run("apksigner", "sign", *key, *options, "--out", made, app)
    return made


def found(path: Path, certificates: set[str]) -> tuple[set[str], set[str]]:
    """Codes of the findings, and the certificates."""
    with path.open("rb") as file:
        facts = inspect_app(file)
    judged = check_app(
        facts, rules=app_rules(date(2026, 12, 1)), app_type="tool", certificates=certificates
    )
    assert not facts.signature.problem, facts.signature
    return {one.code for one in judged.findings}, {one.sha256 for one in facts.signature.signers}


def test_faults_and_signatures_of_real_tools(folder: Path) -> None:
    clean = SENDS.replace("SmsManager;->send", "Other;->send")
    good = built(folder, "good", manifest(), clean)
    codes, certificates = found(signed_by(folder, good, "old"), set())
    assert codes == set()
    assert len(certificates) == 1

    flags = (
        'android:allowBackup="false" android:debuggable="@bool/on" '
        'android:networkSecurityConfig="@xml/net"'
    )
    service = '<service android:name=".S" android:exported="true"/>'
    text = manifest(permissions=("SEND_SMS",), application=flags, components=LAUNCHER + service)
    bad = signed_by(
        folder,
        built(folder, "bad", text, SENDS),
        "new",
        "--v2-signing-enabled",
        "false",
        "--v3-signing-enabled",
        "false",
    )
    codes, _certificates = found(bad, certificates)
    assert codes == {
        "CERTIFICATE_CHANGED",
        "CLEARTEXT",
        "DEBUGGABLE",
        "EXPORTED_UNPROTECTED",
        "PERMISSION_EXCESS",
        "PREMIUM_SMS",
        "WEAK_SIGNATURE",
    }


def test_a_proof_of_rotation_is_no_change_of_certificate(folder: Path) -> None:
    app = built(folder, "rotated", manifest(), SENDS.replace("SmsManager", "Other"))
    _codes, certificates = found(signed_by(folder, app, "old"), set())
    lineage = folder / "lineage"
    keys = [
        one
        for side, name in (("--old-signer", "old"), ("--new-signer", "new"))
        for one in (side, "--ks", folder / name, "--ks-pass", "pass:secret1")
    ]
    run("apksigner", "rotate", "--out", lineage, *keys)
    second = ("--next-signer", "--ks", folder / "new", "--ks-pass", "pass:secret1")
    rotation = (*second, "--lineage", lineage, "--rotation-min-sdk-version", "28")
    codes, rotated = found(signed_by(folder, app, "old", *rotation), certificates)
    assert codes == set()
    assert rotated != certificates
