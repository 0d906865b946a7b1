"""No page runs a line of script or style that stands in it, or loads anything from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from tests.source_tree import app_path, source_files

TEMPLATES = [path for path in source_files("*.html") if "templates" in path.parts]
STYLES = [path for path in source_files("*.css") if "static" in path.parts]
SCRIPTS = [path for path in source_files("*.js") if "static" in path.parts]
_TAG = re.compile(r"\{[%#].*?[%#]\}|\{\{.*?\}\}", re.S)


class Faults(HTMLParser):
    """What a strict policy would refuse, or what leaves the house."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_data = given.get("type") in {"application/json", "application/ld+json"}
        if (tag == "style" or (tag == "script" and "src" not in given)) and not is_data:
            self.found.append(f"inline <{tag}>")
        for name, value in attrs:
            text = (value or "").strip().lower()
            if name.startswith(("on", "hx-on")) or name == "style":
                self.found.append(f"{tag} {name}=")
            if text.startswith("javascript:"):
                self.found.append(f"{tag} {name}={text}")
            loads = name in {"src", "srcset", "poster", "data", "action", "formaction"} or (
                name == "href" and tag in {"link", "use", "image", "base"}
            )
            if loads and re.match(r"(https?:)?//", text):
                self.found.append(f"{tag} {name}={text}")
            if name == "target" and "noopener" not in (given.get("rel") or ""):
                self.found.append(f"{tag} target without rel=noopener")


def faults(html: str) -> list[str]:
    parser = Faults()
    parser.feed(html)
    return parser.found


@pytest.mark.no_database
def test_no_template_has_anything_inline_or_from_elsewhere() -> None:
    assert len(TEMPLATES) > 100
    for path in TEMPLATES:
        source = path.read_text(encoding="utf-8")
        assert faults(_TAG.sub("x", source)) == [], path
        assert "|safe" not in source, f"nothing is marked safe in a template: {path}"
        assert "autoescape off" not in source, path


@pytest.mark.no_database
def test_styles_and_scripts_load_from_nowhere_else() -> None:
    assert STYLES
    for path in [*STYLES, *SCRIPTS]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", text), path.name
        assert not re.search(r"\beval\(|new Function\(|\.innerHTML\s*=", text), path.name


@pytest.mark.no_database
def test_the_fault_finder_finds_faults() -> None:
    bad = (
        "<p onclick=x style='a:b'><script>1</script><style>a</style><a href='javascript:1'>"
        "<img src=//elsewhere.example/x.png><link href='https://elsewhere.example/a.css'>"
        "<a target=_blank href=/>"
    )
    assert len(faults(bad)) == 8


PUBLIC = ("/", "/complain/", "/follow/", "/gallery/", "/account/login/", "/nowhere/", "/healthz")


@pytest.mark.django_db
@pytest.mark.parametrize("address", PUBLIC)
def test_every_answer_carries_the_strict_headers(client: Client, address: str) -> None:
    answer = client.get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?:|\*", policy), "nobody else's origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    if "html" in answer["Content-Type"]:
        assert faults(answer.content.decode()) == []


@pytest.mark.no_database
def test_the_deployment_check_is_clean_with_production_settings(tmp_path: Path) -> None:
    """Not on loopback: TLS is required, cookies are secure, and Django has nothing to warn of."""
    environment = os.environ | {
        "AMENDS_DATA_DIR": str(tmp_path / "data"),
        "AMENDS_ALLOWED_HOSTS": "amends.example",
        "AMENDS_BASE_URL": "https://amends.example",
        "AMENDS_TESTING": "no",
        "AMENDS_REQUIRE_MFA": "yes",
        "DJANGO_SETTINGS_MODULE": "amends.site.settings",
    }
    # A browser test before this one may have set what Django warns of.
    for name in ("AMENDS_DATABASE_URL", "DJANGO_ALLOW_ASYNC_UNSAFE"):
        environment.pop(name, None)
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "django",
            "check",
            "--deploy",
            "--fail-level",
            "WARNING",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    for path in (tmp_path / "data").rglob("*"):
        if path.is_file() and "keys" in path.parts:
            assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.no_database
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(app_path(path)))
def test_whoever_has_only_a_keyboard_can_scroll_every_table(path: Path) -> None:
    """A frame that scrolls sideways on a phone takes the focus, and says which table it holds."""
    source = path.read_text(encoding="utf-8")
    for frame in re.findall(
        r'<div class="(?:frame )?table-frame\b.*?>(?=\s*(?:<table|\{%|<ul|<div))', source
    ):
        assert re.search(r'role="region" tabindex="0" aria-label(?:ledby)?="', frame), frame
