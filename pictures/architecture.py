"""Draw the apps and what they import: `python pictures/architecture.py` writes the picture of the docs.

An app is drawn above everything it imports, as low as that allows. A line that follows from others is
left out: where A imports B and B imports C, no line is drawn from A to C.
"""

from __future__ import annotations

import ast
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "amends"
PICTURE = ROOT / "docs" / "pictures" / "architecture.svg"

WIDTH, ROW, BOX, GAP = 1180, 74, 34, 14
GROUPS = {
    "wiring": ("site", "operations", "feeds", "demo"),
    "entrances": ("portals", "desk", "channels", "cli"),
    "engines": (
        "classification",
        "decisions",
        "detection",
        "duties",
        "measurement",
        "metering",
        "facts",
        "stats",
    ),
    "libraries": ("database", "environment", "kit", "registry", "tabular", "vault"),
}
"""What is not listed is an app of one subject, with models, pages and commands of its own."""
FILLS = {
    "wiring": "#e8eaed",
    "entrances": "#dcebfb",
    "subjects": "#ffffff",
    "engines": "#e3f3e3",
    "libraries": "#f7efdc",
}

Imports = dict[str, set[str]]


def imports() -> Imports:
    """App → the apps it imports anywhere in its code; migrations are left out."""
    folders = (path for path in SOURCE.iterdir() if any(path.glob("*.py")))
    apps = {path.name for path in folders} | {"registry"}
    found: Imports = {app: set() for app in apps}
    for path in sorted(SOURCE.rglob("*.py")):
        app = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        if app not in apps or "migrations" in path.parts:
            continue
        for name in _names(ast.parse(path.read_text(encoding="utf-8"))):
            root, *parts = name.split(".")
            if root == "amends" and parts and parts[0] in apps - {app}:
                found[app].add(parts[0])
    return found


def _names(tree: ast.Module) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{one.name}" for one in node.names]
        elif isinstance(node, ast.Import):
            names += [one.name for one in node.names]
    return names


def _reached(app: str, found: Imports) -> set[str]:
    """Everything an app imports, directly or through others."""
    reached: set[str] = set()
    left = [app]
    while left:
        new = found[left.pop()] - reached
        reached |= new
        left += new
    return reached


def rows(found: Imports) -> list[list[str]]:
    """The apps by row, the lowest row first: each one row above the highest it imports."""
    height: dict[str, int] = {}
    while len(height) < len(found):
        ready = [app for app in found if app not in height and found[app] <= height.keys()]
        if not ready:
            raise ValueError(f"imports in a circle: {sorted(found.keys() - height.keys())}")
        height |= {app: 1 + max((height[one] for one in found[app]), default=-1) for app in ready}
    made: list[list[str]] = [[] for _ in range(max(height.values()) + 1)]
    for app in sorted(height):
        made[height[app]].append(app)
    return made


def lines(found: Imports) -> list[tuple[str, str]]:
    """The imports that do not follow from others."""
    reached = {app: _reached(app, found) for app in found}
    return sorted(
        (app, other)
        for app, others in found.items()
        for other in others
        if not any(other in reached[one] for one in others - {other})
    )


def _width(app: str) -> int:
    return 26 + 8 * len(app)


def _places(made: list[list[str]], drawn: list[tuple[str, str]]) -> dict[str, tuple[float, float]]:
    """The middle of each box; within a row in the order of what the apps import."""
    places: dict[str, tuple[float, float]] = {}
    for number, row in enumerate(made):
        below = {
            app: [places[other][0] for one, other in drawn if one == app and other in places]
            for app in row
        }
        row.sort(key=lambda app: (sum(below[app]) / len(below[app]) if below[app] else 0, app))
        taken = sum(_width(app) for app in row) + GAP * (len(row) - 1)
        gap = GAP + (WIDTH - 60 - taken) / (len(row) + 1)
        left = 30 + gap - GAP
        for app in row:
            places[app] = (left + _width(app) / 2, 30 + (len(made) - 1 - number) * ROW)
            left += _width(app) + gap
    return places


def _group(app: str) -> str:
    return next((group for group, apps in GROUPS.items() if app in apps), "subjects")


def svg(found: Imports) -> str:
    """The picture as SVG."""
    made, drawn = rows(found), lines(found)
    places = _places(made, drawn)
    height = 30 + len(made) * ROW + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="14">',
        "<title>The apps of Amends: each imports only apps below it</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fcfcfb"/>',
    ]
    for app, other in drawn:
        (x, y), (to_x, to_y) = places[app], places[other]
        y, middle = y + BOX, (y + BOX + to_y) / 2
        parts.append(
            f'<path d="M{x:.0f} {y:.0f} C{x:.0f} {middle:.0f} {to_x:.0f} {middle:.0f} '
            f'{to_x:.0f} {to_y:.0f}" fill="none" stroke="#8a8f98" stroke-opacity="0.55"/>'
        )
    for app, (x, y) in sorted(places.items()):
        wide = _width(app)
        users = sum(app in others for others in found.values())
        parts.append(
            f"<g><title>{escape(app)}: imported by {users} apps</title>"
            f'<rect x="{x - wide / 2:.0f}" y="{y:.0f}" width="{wide}" height="{BOX}" rx="6" '
            f'fill="{FILLS[_group(app)]}" stroke="#5f6670"/>'
            f'<text x="{x:.0f}" y="{y + 22:.0f}" text-anchor="middle" fill="#1c1f23">'
            f"{escape(app)}</text></g>"
        )
    left = 30
    for group, fill in FILLS.items():
        parts.append(
            f'<rect x="{left}" y="{height - 32}" width="16" height="16" rx="3" fill="{fill}" '
            f'stroke="#5f6670"/><text x="{left + 24}" y="{height - 19}" fill="#1c1f23">{group}</text>'
        )
        left += 140
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(svg(imports()), encoding="utf-8")
