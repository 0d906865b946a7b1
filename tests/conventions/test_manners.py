"""What must not stand in a committed file, and what every app, rule and refusal must carry."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from tests.source_tree import app_folders, app_path, source_files, source_path

from amends.platform.kit.packs import jurisdictions, load_version, names, pack, package_of, versions

pytestmark = pytest.mark.no_database


ROOT = Path(__file__).parents[2]
APPS = sorted(app_folders())

# Written in pieces, or this file would be the first to break its own rule.
HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "crates" + ".io",
    "ana" + "conda.org",
    "proxy.go" + "lang.org",
    "ghcr" + ".io",
]
PLACES = ["/wo" + "rk/", "/ro" + "ot/", "/home" + "/", "/tmp/" + "amends", "C:" + "\\Users"]


def committed() -> list[Path]:
    """Every file git keeps; nothing to look at outside a clone."""
    if not (ROOT / ".git").exists():
        pytest.skip("This is not a clone.")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    found = []
    for path in committed():
        content = path.read_bytes()
        if b"\0" not in content[:8_000]:
            found.append((path.relative_to(ROOT).as_posix(), content.decode("utf-8", "replace")))
    assert len(found) > 300
    return found


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    """A lock without hosts installs from wherever the operator's own settings say."""
    found = [(name, word) for name, text in texts() for word in [*HOSTS, *PLACES] if word in text]
    # What a user of the shell is shown as an example, and what a proxy's example says.
    assert found == []


def test_no_file_holds_a_key_or_a_password_of_anybody() -> None:
    pattern = re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE " + r"KEY-----|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}"
    )
    assert [(name, pattern.findall(text)) for name, text in texts() if pattern.search(text)] == []


def test_no_personal_number_of_somebody_real_can_be_in_the_tests() -> None:
    """Mailboxes in committed files end in names nobody can own, or in our own example's."""
    mailbox = re.compile(r"[\w.+-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
    nobody = re.compile(
        r"(^|\.)(example|invented|test|invalid|localhost|example\.(com|org|net|cn))$|example\.(com|org|net|cn)$"
    )
    hosts = Counter(
        host.lower()
        for name, text in texts()
        if name.startswith(("tests/", "src/", "docs/", "training/", "bench/", "README"))
        for host in mailbox.findall(text)
    )
    strangers = {host for host in hosts if not nobody.search(host) and not _is_version(host)}
    assert strangers <= OTHER_MAILBOXES, strangers - OTHER_MAILBOXES


def _is_version(host: str) -> bool:
    """`name@2026-11-24.toml` and `decisions@2016-07-30` are files and versions."""
    return bool(re.match(r"\d{4}-\d{2}-\d{2}", host)) or host.endswith((".toml", ".npz", ".json"))


OTHER_MAILBOXES = {"b.cn", "y.z", "xn--fsqu00a.cn"}
"""The shortest and the strangest forms a reader of mail must take; nobody is behind them."""


def test_every_room_says_what_it_promises_and_is_told_of() -> None:
    docs = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    )
    for app, folder in app_folders().items():
        readme = folder / "README.md"
        assert readme.is_file(), app
        text = readme.read_text(encoding="utf-8")
        assert len(text) > 300, app
        assert re.search(r"promise", text, re.I), app
        assert re.search(rf"\b{app}\b", docs), f"no page of docs/ mentions {app}"


def test_every_package_of_a_room_says_what_it_is() -> None:
    silent = []
    for path in source_files("*.py"):
        if "migrations" in path.parts or path.name in {"apps.py"}:
            continue
        source = path.read_text(encoding="utf-8")
        if source.strip() and ast.get_docstring(ast.parse(source)) is None:
            silent.append(str(app_path(path)))
    assert silent == []


NO_RULES = {"seed-phrases"}
"""Our own words for the classifier to begin with: nothing anybody could cite."""


@pytest.mark.parametrize("app", [app for app in APPS if source_path(f"{app}/rules/data").is_dir()])
def test_every_rule_file_loads_and_names_its_source(app: str) -> None:
    package = package_of(app)
    assert names(package)
    for name in set(names(package)) - NO_RULES:
        for version in versions(package, name):
            file = load_version(package, name, version)
            assert file.source.strip(), file.version
            assert file.verified in (True, "press", False), file.version
            assert file.zh.strip(), file.version
            assert file.en.strip(), file.version
            for table, rows in file.data.items():
                for row in rows if isinstance(rows, list) else []:
                    if isinstance(row, dict) and "id" in row:
                        where = f"{file.version} {table} {row['id']}"
                        assert str(row.get("source", "")).strip(), where
                        assert row.get("verified") in (True, "press", False), where


def test_every_pack_names_versions_that_are_there() -> None:
    for code in jurisdictions():
        found = pack(code, date(2026, 11, 24))
        assert found.zh, code
        assert found.en, code


# --- refusals ----------------------------------------------------------------------------------

REACHES_PEOPLE = (
    "access/actions",
    "access/queries/authority.py",
    "access/queries/staff.py",
    "complaints/actions",
    "complaints/web",
    "complaints/queries/casefile.py",
    "complaints/jobs",
    "remedies",
    "portals",
    "site",
    "channels/actions",
    "tabular",
    "channels/phone",
    "subscribers/actions/erase.py",
)
# Their own words already say what to do, or they are the reason of one row of a file.
SAY_IT_THEMSELVES = {
    "UnableToReadFact",
    "UnableToPost",
    "UnableToAttach",
    "UnableToAccess",
    "UnableToMove",
    "UnableToFillPlaceholder",
    "UnableToSendUnseen",
    "_Unusable",
}
STILL_WITHOUT: dict[str, int] = {
    "access/actions/add_user.py": 1,
    "channels/actions/receive.py": 4,
    "tabular/columns.py": 2,
    "classification/operator_models.py": 1,
    "complaints/actions/overrule.py": 1,
    "complaints/web/bulk.py": 2,
    "portals/actions/clients.py": 1,
    "feeds/classify_file.py": 1,
    "feeds/cli.py": 2,
    "feeds/imports/facts.py": 1,
}
"""How many refusals of a file may lack the next step; the number only ever falls."""


def test_refusals_that_people_meet_say_what_to_do_next() -> None:
    found: Counter[str] = Counter()
    for path in source_files("*.py"):
        name = str(app_path(path))
        if not name.startswith(REACHES_PEOPLE):
            continue
        for call in _refusals(ast.parse(path.read_text(encoding="utf-8"))):
            if not any(keyword.arg in {"next_step", None} for keyword in call.keywords):
                found[name] += 1
    more = {name: count for name, count in found.items() if count > STILL_WITHOUT.get(name, 0)}
    assert more == {}, "give next_step= a sentence"


def _refusals(tree: ast.AST) -> list[ast.Call]:
    """Where an error of ours is made, as in `raise UnableToX(…)`."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and (node.func.id.startswith("UnableTo") or node.func.id in {"Refused", "BadInput"})
        and node.func.id not in SAY_IT_THEMSELVES
    ]


def test_queries_return_facts_and_no_wording() -> None:
    """Labels, sentences and documents are in `texts/`, `web/` or `cli`, refusals in `refusals.py`."""
    modules = set()
    for folder in app_folders().values():
        for path in [*folder.glob("queries.py"), *folder.glob("queries/**/*.py")]:
            imported = {
                alias.name
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
            }
            if any("gettext" in name for name in imported):
                modules.add(app_path(path).as_posix())
    assert modules == set()
