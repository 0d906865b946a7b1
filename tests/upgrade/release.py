"""The release that upgrades start from, and what of it the tests use."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Exemption:
    """A change that the previous release fails on, and why it is allowed."""

    change: str
    date: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A released version.

    migrations  the last migration of each app: (app, name)
    """

    commit: str
    version: str
    migrations: tuple[tuple[str, str], ...]
    exemptions: tuple[Exemption, ...]


def previous_release() -> Release:
    """The release of `release.toml`."""
    text = Path(__file__).with_name("release.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return Release(
        commit=data["commit"],
        version=data["version"],
        migrations=tuple(sorted(data["migrations"].items())),
        exemptions=tuple(Exemption(**row) for row in data.get("exemptions", ())),
    )
