"""The documentation is true: its links lead somewhere, its commands and targets exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "src").rglob("README.md")),
]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file(page: Path) -> None:
    broken = [
        target
        for target, _ in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_page_has_marks_of_a_merge(page: Path) -> None:
    marks = re.findall(r"^(?:<{7} |={7}$|>{7} ).*", page.read_text(encoding="utf-8"), re.M)
    assert marks == []


TRANSLATED = sorted((ROOT / "docs").rglob("*.zh.md"))


@pytest.mark.parametrize("page", TRANSLATED, ids=lambda page: page.name)
def test_a_chinese_page_says_what_the_english_one_does(page: Path) -> None:
    """The same commands (their remarks in Chinese), chapters, rows of tables, pages named."""
    english = page.with_name(page.name.replace(".zh.md", ".md"))
    texts = [one.read_text(encoding="utf-8") for one in (page, english)]
    assert f"[English]({english.name})" in texts[0]
    assert f"[中文]({page.name})" in texts[1]
    commands, shapes, named, codes = zip(*(_told(text) for text in texts), strict=True)
    assert commands[0] == commands[1]
    assert shapes[0] == shapes[1]
    assert named[0] == named[1]
    assert codes[0] == codes[1]


def _told(text: str) -> tuple[list[str], list[str], set[str], set[str]]:
    blocks = re.findall(r"^```.*?^```", text, re.M | re.S)
    commands = [re.sub(r" +# [^\n]*", "", block) for block in blocks]
    rest = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    shapes = re.findall(r"^(?:#+ |\*\*\d+\.|\||- )", rest, re.M)
    links = {target.replace(".zh.md", ".md") for target, _ in LINK.findall(rest)}
    spans = re.findall(r"`([^`\n]+)`", rest)
    codes = {one for one in spans if re.search(r"[/_=-]", one) or one.startswith("amends ")}
    return commands, shapes, links, codes


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = {
        name
        for page in PAGES
        for name in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))
    }
    assert named <= targets


def test_every_command_that_is_named_exists() -> None:
    from amends.site.cli.app import commands

    named = {
        name
        for page in PAGES
        for name in re.findall(r"`amends ([a-z]+)", page.read_text(encoding="utf-8"))
    }
    assert named - {"check"} <= set(commands()), "`amends check` is Django's own, in the Makefile"


def test_every_decision_is_in_the_log_under_its_own_number() -> None:
    folder = ROOT / "docs/decisions"
    files = sorted(path.name for path in folder.glob("0*.md"))
    numbers = [name[:4] for name in files]
    assert len(set(numbers)) == len(numbers), "two decisions share a number"
    log = (folder / "README.md").read_text(encoding="utf-8")
    assert [name for name in files if name not in log] == []


def test_each_bad_input_of_hot_issues_is_seen_by_a_test_that_exists() -> None:
    """The last column of the table names files and tests of `tests/actions`."""
    text = (ROOT / "docs" / "hot-issues.md").read_text(encoding="utf-8")
    table = text.split("## Bad input")[1].split("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(lines) >= 12
    for line in lines:
        named = re.findall(r"`(test_\w+\.py): ([^`]+)`", line)
        assert named, line
        for file, tests in named:
            (path,) = (ROOT / "tests" / "actions").glob(f"*/{file}")
            body = path.read_text(encoding="utf-8")
            for test in tests.split(", "):
                assert f"def test_{test}(" in body, f"{file} has no test_{test}"
