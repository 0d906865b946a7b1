"""The gallery shows every component in both languages, light and dark, without a fault."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

SITE = Path(__file__).parents[2] / "src" / "amends" / "site"
CSS = SITE / "static" / "amends" / "css"


def test_every_section_has_both_languages_and_both_schemes(client: Client) -> None:
    page = client.get("/gallery/").content.decode()
    for lang in ("zh-hans", "en"):
        for theme in ("light", "dark"):
            assert f'<div class="gallery-pane theme-{theme}" lang="{lang}">' in page
    assert "查无记录" in page
    assert "Nothing found" in page


def test_the_policy_of_the_pages_allows_nothing_inline(client: Client) -> None:
    response = client.get("/gallery/")
    assert "unsafe" not in response["Content-Security-Policy"]
    page = response.content.decode()
    assert not re.search(r"<[^>]+\sstyle=", page)
    assert not re.search(r"<script(?![^>]*\ssrc=)[^>]*>", page)
    assert not re.search(r"<[^>]+\son[a-z]+=", page)


def test_the_dark_colours_stand_twice_and_agree() -> None:
    text = (CSS / "tokens.css").read_text(encoding="utf-8")
    media = re.search(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}", text, re.S)
    forced = re.search(r"\.theme-dark \{(.*?)\}", text, re.S)
    assert media is not None
    assert forced is not None
    assert re.findall(r"--[\w-]+: [^;]+", media[1]) == re.findall(r"--[\w-]+: [^;]+", forced[1])


def test_colours_are_chosen_in_the_tokens_only() -> None:
    paper = {"tokens.css", "letter.css"}  # a print is black on white in every scheme
    for sheet in CSS.glob("*.css"):
        if sheet.name in paper:
            continue
        text = re.sub(r"rgb\(16 32 31 / \d+%\)", "", sheet.read_text(encoding="utf-8"))
        found = re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb\(|hsl\(", text)
        assert found in ([], ["#ffffff"]), f"{sheet.name}: {found}"


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio of two colours."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_reach_the_contrast_of_wcag_aa(scheme: str) -> None:
    text = (CSS / "tokens.css").read_text(encoding="utf-8")
    block = re.search(rf"\.theme-{scheme} \{{(.*?)\}}", text, re.S)
    assert block is not None
    token = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block[1]))
    pairs = [
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3", "accent")
        for ground in ("paper", "surface", "sunken", "hover", "accent-tint")
    ]
    for tone in ("ok", "warn", "bad", "info", "plum", "plain"):
        pairs += [(tone, f"{tone}-tint"), (tone, "surface"), (tone, "paper"), (tone, "hover")]
    pairs += [("accent-ink", "accent"), ("accent-ink", "accent-hover")]
    weak = {
        f"{ink} on {ground}": round(contrast(token[ink], token[ground]), 2)
        for ink, ground in pairs
        if contrast(token[ink], token[ground]) < 4.5
    }
    assert weak == {}
    edges = {
        f"{edge} on {ground}": round(contrast(token[edge], token[ground]), 2)
        for edge in ("line-strong", "focus", "blue", "vermillion", "green", "orange", "purple")
        for ground in ("paper", "surface")
        if contrast(token[edge], token[ground]) < 3
    }
    assert edges == {}


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_axe_finds_no_serious_fault(visitor, language: str) -> None:
    window = visitor(language=language)
    window.open("/gallery/")
    assert window.axe(besides={"landmark-unique"}) == [], "it shows everything twice"
    assert window.faults == []
    assert window.strangers == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_runs_off_the_side(visitor, width: int) -> None:
    window = visitor(width=width)
    window.open("/gallery/")
    assert window.wider_than_itself() == 0
