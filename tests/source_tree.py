"""Where the code of each app is, so that tests name a file by its app and not by its group."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "amends"
DEMONSTRATION = ROOT / "src" / "amends_demo"


@cache
def groups() -> frozenset[str]:
    """The folders of `src/amends` that hold apps and are none themselves."""
    return frozenset(
        folder.parent.name
        for folder in SOURCE.glob("*/__init__.py")
        if not (folder.parent / "apps.py").exists()
    )


@cache
def app_folders() -> dict[str, Path]:
    """The name of each app or engine → its folder; the demonstration is "demo"."""
    inside = {path.parent for group in groups() for path in SOURCE.glob(f"{group}/*/__init__.py")}
    outside = {path.parent for path in SOURCE.glob("*/apps.py")}
    return {
        **{folder.name: folder for folder in sorted(inside | outside)},
        "demo": DEMONSTRATION,
    }


def source_files(pattern: str) -> Iterator[Path]:
    """Every file below `src` whose name matches, such as "*.py"; sorted."""
    yield from sorted([*SOURCE.rglob(pattern), *DEMONSTRATION.rglob(pattern)])


def app_path(path: Path) -> PurePosixPath:
    """A file by its app: `complaints/actions/receive.py`."""
    if path.is_relative_to(DEMONSTRATION):
        return PurePosixPath("demo", *path.relative_to(DEMONSTRATION).parts)
    parts = path.relative_to(SOURCE).parts
    return PurePosixPath(*(parts[1:] if parts[0] in groups() and len(parts) > 2 else parts))


def source_path(name: str) -> Path:
    """The file that `app_path` names."""
    app, _slash, inner = name.partition("/")
    return app_folders().get(app, SOURCE / app) / inner


def app_module(dotted: str) -> tuple[str, ...]:
    """The parts of a dotted path of ours, from the app on; () for what is not ours."""
    root, *parts = dotted.split(".")
    if root == "amends_demo":
        return ("demo", *parts)
    if root != "amends":
        return ()
    return tuple(parts[1:] if parts and parts[0] in groups() else parts)
