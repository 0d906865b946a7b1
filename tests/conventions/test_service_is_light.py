"""The service holds no library it has not been asked for: heavy ones are loaded where they work."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.no_database


AT_START = (
    "requests",
    "jwt",
    "numpy",
    "polars",
    "scipy",
    "pyarrow",
    "holidays",
    "rich",
    "markdown_it",
)
HEAVY = ("numba", "scipy.stats", "scipy.optimize", "fpdf", "pyspark")
LOOK = """
import json, sys
import django
django.setup()
from django.core.handlers.wsgi import WSGIHandler
from django.urls import get_resolver

def walk(resolver):
    return sum(
        walk(one) if hasattr(one, "url_patterns") else 1 for one in resolver.url_patterns
    )

WSGIHandler()
print(json.dumps([walk(get_resolver()), sorted(set(sys.argv[1:]) & set(sys.modules))]))
"""


def test_every_page_is_known_and_no_heavy_library_is_loaded(tmp_path):
    asked = subprocess.run(
        [sys.executable, "-c", LOOK, *HEAVY],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ
        | {
            "AMENDS_DATA": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "amends.site.settings",
        },
    )
    pages, loaded = json.loads(asked.stdout)
    assert pages > 100
    assert loaded == []


def test_no_command_waits_for_what_it_may_never_use(tmp_path):
    """Neither what speaks to a provider nobody signs in by, nor what reads rows by the million."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("AMENDS_")}
    look = (
        "import json, sys\n"
        "import django\n"
        "django.setup()\n"
        "print(json.dumps(sorted(set(sys.argv[1:]) & set(sys.modules))))"
    )
    asked = subprocess.run(
        [sys.executable, "-c", look, *AT_START],
        check=True,
        capture_output=True,
        text=True,
        env=own
        | {
            "AMENDS_DATA_DIR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "amends.site.settings",
        },
    )
    assert json.loads(asked.stdout) == []


def test_the_command_line_tells_its_commands_without_loading_one():
    look = (
        "import json, sys\n"
        "from amends.site.cli.app import build\n"
        "build('')\n"
        "print(json.dumps(sorted(set(sys.argv[1:]) & set(sys.modules))))"
    )
    asked = subprocess.run(
        [sys.executable, "-c", look, *HEAVY, "django.db"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(asked.stdout) == []


def test_whether_it_lives_is_asked_without_loading_it(tmp_path):
    """A container asks twice a minute."""
    look = (
        "import json, sys\n"
        "from amends.site.cli.app import main\n"
        "sys.argv = ['amends', 'operation', 'alive', '--port', '1', '--wait', '0']\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as ended:\n"
        "    print(json.dumps([ended.code, sorted({'django.db', 'numpy'} & set(sys.modules))]))"
    )
    asked = subprocess.run(
        [sys.executable, "-c", look],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"AMENDS_DATA_DIR": str(tmp_path / "none")},
    )
    assert json.loads(asked.stdout) == [1, []]
    assert not (tmp_path / "none").exists()
