"""An app is one folder and one line: what it declares is found by everybody who asks."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps import AppConfig, apps
from django.test import override_settings
from tests.source_tree import source_path

from amends.platform import registry
from amends.platform.kit.actors import system
from amends.site.cli import app as command_line

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
APP = """
from amends.platform import registry


class GreetingsConfig(registry.AmendsApp):
    name = "greetings"
    label = "greetings"
    commands = {"greet": "greetings.functions:greet"}
    navigation = (registry.Entry("work", "inbox", "Greetings", "person", "/desk/greetings/", "", 5),)
    jobs = (registry.Job("greet", 60, "greetings.functions.job"),)
    personal_data = registry.PersonalData(
        export="greetings.functions.export", erase="greetings.functions.erase"
    )
    queues = {"greetings": "greetings.functions.oldest"}
    gates = (registry.Gate(name="greeted", answer="greetings.functions.gate"),)
    panels = (registry.Panel("Greeting", "greetings.functions.panel"),)
"""
FUNCTIONS = """
def greet(): ...

def job(*, now): return ("job", now)

def export(pseudonym): return {"greetings": [pseudonym]}

def erase(erasure): return len(erasure.complaints)

def oldest(): return None

def gate(subject): return ("red", "nobody said hello") if subject == "rude" else ("green", "")

def panel(request, complaint): return f"<p>{complaint}</p>" if complaint else ""
"""


@pytest.fixture
def greetings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings):
    folder = tmp_path / "greetings"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "apps.py").write_text(APP, encoding="utf-8")
    (folder / "functions.py").write_text(FUNCTIONS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, "greetings"]):
        yield


@pytest.mark.django_db
def test_what_an_app_declares_is_found(greetings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert registry.sections("work")[0][0].label == "Greetings"
    job = next(one for one in registry.jobs() if one.name == "greet")
    assert job(now=NOW, holder="not asked for") == ("job", NOW)
    assert registry.exports("ab12")["greetings"] == ["ab12"]
    assert ("greetings", None) in list(registry.queues())
    # Panels of other apps look the complaint up.
    monkeypatch.setattr(registry, "installed", lambda: (apps.get_app_config("greetings"),))
    assert registry.panels(None, "c1", "evidence") == [  # type: ignore[arg-type]
        registry.DrawnPanel("Greeting", "evidence", "<p>c1</p>")
    ]


def test_an_erasure_reaches_the_app(greetings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "installed", lambda: [apps.get_app_config("greetings")])
    erasure = registry.Erasure(
        pseudonym="ab12",
        actor=system("erasure"),
        case="c1",
        addresses=[],
        complaints=["k1", "k2", "k3"],
        now=NOW,
    )
    assert registry.erase(erasure) == {"greetings": 3}


def test_its_commands_are_those_of_the_command_line(
    greetings: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_line, "APPS", ("greetings",))
    assert command_line.commands() == {"greet": "greetings.functions:greet"}


def test_a_gate_is_green_red_or_where_no_app_has_it_open(greetings: None) -> None:
    assert registry.check_gate("greeted", "polite").state == "green"
    refused = registry.check_gate("greeted", "rude")
    assert (refused.state, refused.reason) == ("red", "nobody said hello")
    assert registry.check_gate("of_no_app", "polite").state == "open"


DOTTED = (
    "palette",
    "support",
    "actor_called",
    "published_texts",
    "concerns",
    "demonstration",
)
"""Hooks that are one dotted path."""
ONE_PROVIDER = {"complaints", "actor_called"}
"""Hooks for which an app below asks one app above, and no signal or argument is simpler."""


def _records(app: registry.AmendsApp) -> list[object]:
    return [one for one in (app.personal_data, app.complaints, app.send_limits) if one is not None]


def _values(record: object) -> list[str]:
    return [getattr(record, field.name) for field in fields(record)]  # type: ignore[arg-type]


def test_a_hook_has_two_providers_or_a_reason() -> None:
    hooks = [name for name in registry.AmendsApp.__annotations__ if not name.startswith("_")]
    providers = {
        name: [app.label for app in registry.installed() if name in vars(type(app))]
        for name in hooks
    }
    assert {name for name, labels in providers.items() if len(labels) < 2} == ONE_PROVIDER
    assert len(hooks) <= 24


def test_an_app_declares_nothing_that_no_hook_reads() -> None:
    known = {"name", "label", "verbose_name", *registry.AmendsApp.__annotations__, *dir(AppConfig)}
    for app in registry.installed():
        declared = {name for name in vars(type(app)) if not name.startswith("_")}
        assert declared <= known, f"{app.label}: {sorted(declared - known)}"


def test_every_dotted_path_an_app_declares_can_be_imported() -> None:
    from django.utils.module_loading import import_string

    faults = []
    for app in registry.installed():
        paths = [
            *(job.run for job in app.jobs),
            *app.queues.values(),
            *app.case_kinds,
            *app.hot_issue.values(),
            *(gate.answer for gate in app.gates),
            *(panel.render for panel in app.panels),
            *(panel.rows for panel in app.home_panels),
            *(path for name in DOTTED if (path := getattr(app, name))),
            *(path for record in _records(app) for path in _values(record) if path),
            *(path.replace(":", ".") for path in app.commands.values()),
        ]
        for path in paths:
            try:
                import_string(path)
            except ImportError:
                faults.append(f"{app.label}: {path}")
    assert faults == []


def test_every_entry_of_the_navigation_has_an_icon() -> None:
    sprite = source_path("site/static/amends/icons.svg")
    icons = set(re.findall(r'id="(\w+)"', sprite.read_text(encoding="utf-8")))
    wanted = {entry.icon for app in registry.installed() for entry in app.navigation}
    assert wanted - icons == set()
