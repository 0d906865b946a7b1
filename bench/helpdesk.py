"""The desk we measure ourselves against: django-helpdesk 2.6.1 in an environment of its own.

`ready()` installs it once under `build/helpdesk` and writes the smallest project that serves its
REST interface on SQLite with WAL and FULL sync. A token is what its staff sign in with, the cheapest
way it offers; it sends no mail. Nothing of it is shipped.

Three ways to run it, all with that journal and sync: `same`, else what Django sets where nobody says
otherwise; `alike`, every database setting Amends has; `atomic`, one transaction a request besides.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

PLACE = Path(__file__).parent.parent / "build" / "helpdesk"
PACKAGES = ("django-helpdesk==2.6.1", "djangorestframework", "granian")

SETTINGS = """
import os
from pathlib import Path

PLACE = Path(os.environ["HELPDESK_PLACE"])
SECRET_KEY = "only for a measurement on this machine"
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
USE_TZ = True
ROOT_URLCONF = "peer_urls"
SITE_ID = 1
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
STATIC_URL = "/static/"
HELPDESK_TEAMS_MODE_ENABLED = False
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.sessions", "django.contrib.sites", "django.contrib.messages",
    "django.contrib.staticfiles", "django.contrib.humanize", "rest_framework",
    "rest_framework.authtoken", "helpdesk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
              "OPTIONS": {"context_processors": [
                  "django.template.context_processors.request",
                  "django.contrib.auth.context_processors.auth",
                  "django.contrib.messages.context_processors.messages"]}}]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.TokenAuthentication"],
}
DURABLE = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": str(PLACE / "helpdesk.sqlite3"),
    "OPTIONS": {"timeout": 20, "init_command": DURABLE},
}}
HOW = os.environ["HELPDESK_HOW"]
if HOW != "same":
    DATABASES["default"] |= {"ATOMIC_REQUESTS": HOW == "atomic", "CONN_MAX_AGE": None}
    DATABASES["default"]["OPTIONS"] |= {
        "transaction_mode": "IMMEDIATE",
        "init_command": DURABLE + "PRAGMA cache_size=-16000; PRAGMA mmap_size=268435456;"
        "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=4000;",
    }
"""

URLS = """
from django.urls import include, path

urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
"""

WSGI = """
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
"""

PREPARE = """
import django

django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from helpdesk.models import Queue
from rest_framework.authtoken.models import Token

call_command("migrate", verbosity=0)
user = get_user_model().objects.create_superuser("staff", "staff@desk.example", "measured once")
queue = Queue.objects.create(title="Complaints", slug="complaints")
print(Token.objects.create(user=user).key, queue.pk)
"""


class UnableToInstall(Exception):
    """The other desk could not be installed here; only ours is measured."""


@dataclass(frozen=True, slots=True)
class Helpdesk:
    """A prepared installation: how to start it, and how its staff sign in."""

    command: list[str]
    environment: dict[str, str]
    folder: Path
    token: str
    queue: int
    versions: str


def ready(place: Path, *, port: int, threads: int, how: str) -> Helpdesk:
    """An installation with an empty database in `place`, not yet started."""
    python = _installed()
    for name, text in (
        ("peer_settings", SETTINGS),
        ("peer_urls", URLS),
        ("peer_wsgi", WSGI),
    ):
        (place / f"{name}.py").write_text(text, encoding="utf-8")
    environment = {
        "DJANGO_SETTINGS_MODULE": "peer_settings",
        "HELPDESK_PLACE": str(place),
        "HELPDESK_HOW": how,
        "PATH": f"{python.parent}:/usr/bin:/bin",
        "PYTHONPATH": str(place),
    }
    prepared = subprocess.run(
        [str(python), "-c", PREPARE],
        env=environment,
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )
    if prepared.returncode:
        raise UnableToInstall(prepared.stderr.strip().splitlines()[-1])
    token, queue = prepared.stdout.split()
    command = [
        str(python.parent / "granian"),
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
        "--blocking-threads",
        str(threads),
        "--no-log",
        "peer_wsgi:application",
    ]
    return Helpdesk(command, environment, place, token, int(queue), _versions(python))


def _installed() -> Path:
    """The interpreter of the environment, made on first use from the ordinary package index."""
    folder = PLACE / "venv"
    python = folder / "bin" / "python"
    if (folder / ".ready").exists():
        return python
    print(f"Installing {', '.join(PACKAGES)} in {folder} …", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    done = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UnableToInstall((done.stderr.strip().splitlines() or ["pip failed"])[-1])
    (folder / ".ready").touch()
    return python


def _versions(python: Path) -> str:
    code = (
        "from importlib.metadata import version as v;"
        "print(', '.join(f'{n} {v(n)}' for n in "
        "('django-helpdesk', 'Django', 'djangorestframework', 'granian')))"
    )
    return subprocess.run(
        [str(python), "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
