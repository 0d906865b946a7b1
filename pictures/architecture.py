"""Draw the groups and their apps: `python pictures/architecture.py` writes the picture of the docs.

The order is that of the import contracts in `.importlinter`: a group imports only groups below it, and
inside a group an app imports only apps of a line below its own.
"""

from __future__ import annotations

from configparser import ConfigParser
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "pictures" / "architecture.svg"

WIDTH, LINE, BOX, GAP, MARGIN, TITLE = 1000, 42, 30, 12, 14, 150
PURPOSES = {
    "amends_demo": "a simulated operator",
    "site": "settings, addresses, schedule",
    "operations": "backup, retention, health",
    "entrances": "where people and systems come in",
    "problems": "what many complaints share",
    "cases": "a single complaint",
    "causes": "a gate before each cause",
    "network": "quality and speed tests",
    "work": "how colleagues work together",
    "channels": "messages in and out",
    "people": "who people are and may do",
    "record": "facts and offers",
    "engines": "pure calculation",
    "platform": "what every app uses",
}

Groups = dict[str, list[list[str]]]


def groups(contracts: str) -> Groups:
    """Group → the lines of its apps, both from top to bottom; [] for a group that is one app."""
    parsed = ConfigParser()
    parsed.read_string(contracts)
    between = parsed["importlinter:contract:groups"]["layers"].split()
    found: Groups = {}
    for name in (package.removeprefix("amends.") for package in between):
        section = f"importlinter:contract:{name}"
        lines = parsed[section]["layers"].strip().splitlines() if section in parsed else []
        found[name] = [line.replace("|", " ").split() for line in lines]
    return found


def _text(x: float, y: float, words: str, style: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="#1c1f23"{style}>{escape(words)}</text>'


def svg(found: Groups) -> str:
    """The picture as SVG: a band for each group, a box for each app."""
    parts: list[str] = []
    top = float(MARGIN)
    for number, (group, lines) in enumerate(found.items()):
        height = LINE * max(len(lines), 1) + GAP
        fill = "#f3f5f7" if number % 2 else "#e6edf5"
        parts.append(
            f'<rect x="{MARGIN}" y="{top:.0f}" width="{WIDTH - 2 * MARGIN}" height="{height}" rx="6" '
            f'fill="{fill}"/>'
        )
        parts.append(_text(MARGIN + 12, top + 24, group, ' font-weight="600"'))
        beside = TITLE if lines else TITLE + 20
        parts.append(
            _text(MARGIN + 12, top + 40, PURPOSES[group], ' font-size="10.5"')
            if lines
            else _text(MARGIN + beside, top + 24, PURPOSES[group], ' font-size="12"')
        )
        for at, line in enumerate(lines):
            left, y = MARGIN + TITLE + 60.0, top + GAP / 2 + at * LINE + (LINE - BOX) / 2
            for app in line:
                wide = 24 + 7.2 * len(app)
                parts.append(
                    f'<rect x="{left:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{BOX}" rx="5" '
                    f'fill="#ffffff" stroke="#5f6670"/>'
                )
                parts.append(
                    _text(left + wide / 2, y + 20, app, ' text-anchor="middle" font-size="13"')
                )
                left += wide + GAP
        top += height + 6
    height = top + MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" font-family="sans-serif" font-size="14">',
        "<title>The groups of Amends, top to bottom: each imports only groups below it</title>",
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fcfcfb"/>',
    )
    return "\n".join([*head, *parts, "</svg>", ""])


def drawn() -> str:
    """The picture as the contracts are now."""
    return svg(groups((ROOT / ".importlinter").read_text(encoding="utf-8")))


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
