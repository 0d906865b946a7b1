"""Reading `AMENDS_*` variables strictly: a value that is not understood stops the start."""

from __future__ import annotations

import os
import re
import secrets
import tomllib
from contextlib import suppress
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

from amends.platform.environment.variables import number as number
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.languages import LANGUAGES
from amends.platform.kit.translatable import Translatable


def text(name: str, *, default: str, choices: tuple[str, ...] = ()) -> str:
    """The variable `name`, or `default`; one of `choices` if any are given."""
    value = os.environ.get(name, default).strip()
    if choices and value not in choices:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s is %(value)s; it can be %(known)s."),
                name=name,
                value=repr(value),
                known=", ".join(choices),
            )
        )
    return value


PACK_FILE = "pack"
"""The file of the data directory that holds the pack chosen in the browser."""


def own_pack() -> str:
    """The jurisdiction whose rules hold in this installation; China's until one is chosen."""
    return chosen_pack() or "cn"


def chosen_pack() -> str:
    """The pack that `AMENDS_PACK` names, or the one chosen at the first run; "" before."""
    named = text("AMENDS_PACK", default="")
    file = data_dir() / PACK_FILE
    return named or (file.read_text(encoding="utf-8").strip() if file.is_file() else "")


def countries() -> list[str]:
    """The countries whose rules are known, by their two letters."""
    names = (file.name.removesuffix(".toml") for file in files("amends.platform.packs").iterdir())
    return sorted(name for name in names if re.fullmatch(r"[a-z]{2}", name))


def pack_defaults(pack: str) -> tuple[str, str, list[str]]:
    """The time zone of a pack, the language of pages, and the languages customers write in.

    They apply where no setting names others. A pack that is not there stops the start.

    >>> pack_defaults("cn-41")
    ('Asia/Shanghai', 'zh-hans', ['zh'])
    >>> pack_defaults("us")
    ('America/New_York', 'en', ['en', 'es'])
    """
    land = pack.partition("-")[0]
    if land not in countries():
        country_list = ", ".join(countries())
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("AMENDS_PACK is %(pack)s; it can be %(known)s."),
                pack=repr(pack),
                known=country_list,
            )
        )
    file = files("amends.platform.packs") / f"{land}.toml"
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return data["zone"], "zh-hans" if land == "cn" else "en", data["languages"]


def customer_languages(*, default: list[str], pages: str) -> list[str]:
    """`AMENDS_CUSTOMER_LANGUAGES`, or `default`, then the language of pages and English.

    The likeliest comes first; codes of two letters, with commas between them.
    """
    name = "AMENDS_CUSTOMER_LANGUAGES"
    value = text(name, default="")
    codes = [code.strip().lower() for code in value.split(",") if code.strip()]
    if unknown := [code for code in codes if code not in LANGUAGES]:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "%(name)s is %(value)s, and %(unknown)s is not a language that Amends detects; "
                    "it can be %(known)s, with commas between them."
                ),
                name=name,
                value=repr(value),
                unknown=repr(unknown[0]),
                known=", ".join(sorted(LANGUAGES)),
            )
        )
    return list(dict.fromkeys([*(codes or default), pages[:2], "en"]))


def flag(name: str, *, default: bool) -> bool:
    """A yes or no; anything else stops the start."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "yes", "true", "on"}:
        return True
    if value in {"0", "no", "false", "off"}:
        return False
    raise ImproperlyConfigured(
        Translatable(
            gettext_noop("%(name)s is %(value)s; it can be yes or no."),
            name=name,
            value=repr(value),
        )
    )


def addresses(name: str, *, schemes: tuple[str, ...]) -> list[str]:
    """Addresses with one of `schemes`, with commas between them; none by default."""
    values = [value.strip() for value in os.environ.get(name, "").split(",") if value.strip()]
    for value in values:
        scheme, _colon, rest = value.partition(":")
        if scheme not in schemes or not rest or re.search(r"\s", value):
            raise ImproperlyConfigured(
                Translatable(
                    gettext_noop("%(name)s is %(value)s; an address begins with %(known)s."),
                    name=name,
                    value=repr(value),
                    known=", ".join(f"{scheme}:" for scheme in schemes),
                )
            )
    return values


def day(name: str) -> date | None:
    """A date as 2027-06-30; None where none is set."""
    value = os.environ.get(name, "").strip()
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s is %(value)s; it can be a date such as 2027-06-30."),
                name=name,
                value=repr(value),
            )
        ) from None


def measure(name: str, *, default: str, minimum: float, maximum: float) -> float:
    """A number between two bounds, both included; anything else stops the start."""
    value = os.environ.get(name, default).strip()
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not minimum <= number <= maximum:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s is %(value)s; it can be %(least)s to %(most)s."),
                name=name,
                value=repr(value),
                least=f"{minimum:g}",
                most=f"{maximum:g}",
            )
        )
    return number


def time_zone(name: str, *, default: str) -> str:
    """The name of a time zone; one that is not known stops the start."""
    value = os.environ.get(name, "").strip() or default
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "%(name)s is %(value)s, and no time zone has that name; an example: "
                    "Asia/Shanghai."
                ),
                name=name,
                value=repr(value),
            )
        ) from None
    return value


def is_web_address(value: str) -> bool:
    """Whether `value` is an address that links can begin with.

    >>> is_web_address("https://complaints.example.org"), is_web_address("complaints.example.org")
    (True, False)
    """
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname)
        return good and not (parts.query or parts.fragment or parts.username) and parts.port != 0
    except ValueError:
        return False


def web_address(name: str, *, default: str) -> str:
    """Where people find Amends, without the last slash; letters link to it."""
    value = (os.environ.get(name, "").strip() or default).rstrip("/")
    if not is_web_address(value):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "%(name)s is %(value)s; it is the whole address people see, such as "
                    "https://complaints.example.org."
                ),
                name=name,
                value=repr(value),
            )
        )
    return value


def socket_address(name: str) -> str:
    """HOST:PORT, or the path of a local socket; "" where none is named."""
    value = os.environ.get(name, "").strip()
    host, _, port = value.rpartition(":")
    is_port = port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 65_536
    if value and not value.startswith("/") and not (host and is_port):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "%(name)s is %(value)s; it is HOST:PORT or the path of a socket, such as "
                    "/run/clamav/clamd.ctl."
                ),
                name=name,
                value=repr(value),
            )
        )
    return value


def hosts(name: str, *, default: str) -> list[str]:
    """A comma-separated list of names; a bare asterisk is refused."""
    listed = [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]
    if "*" in listed:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s may not be '*': name the hosts that serve Amends."),
                name=name,
            )
        )
    return listed


def destinations(name: str) -> frozenset[str]:
    """Comma-separated ISO 3166 codes of countries, `premium`, `satellite`; empty by default."""
    listed = frozenset(hosts(name, default=""))
    for code in listed - {"premium", "satellite"}:
        if not re.fullmatch(r"[A-Z]{2}", code):
            raise ImproperlyConfigured(
                Translatable(
                    gettext_noop(
                        "%(name)s has %(value)s; it lists countries such as HK, premium or "
                        "satellite."
                    ),
                    name=name,
                    value=repr(code),
                )
            )
    return listed


def allowed_hosts() -> list[str]:
    """The names by which Amends is asked for; known without the other settings, too."""
    return hosts("AMENDS_ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]")


def folders(name: str) -> list[Path]:
    """A comma-separated list of folders that are there, each with its whole path."""
    listed = [Path(part.strip()) for part in os.environ.get(name, "").split(",") if part.strip()]
    for path in listed:
        if not path.is_absolute() or not path.is_dir():
            raise ImproperlyConfigured(
                Translatable(
                    gettext_noop(
                        "%(name)s names %(path)s, and no folder is there; write whole paths, "
                        "with commas between them."
                    ),
                    name=name,
                    path=repr(str(path)),
                )
            )
    return listed


def breached_passwords() -> Path | None:
    """The file of hashes in `AMENDS_BREACHED_PASSWORDS`, None where none is named."""
    name = "AMENDS_BREACHED_PASSWORDS"
    if not (value := text(name, default="")):
        return None
    try:
        with Path(value).open("rb") as file:
            begins = file.readline(80)
    except OSError as error:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s: %(path)s cannot be read (%(why)s)."),
                name=name,
                path=repr(value),
                why=error.strerror,
            )
        ) from error
    if not re.match(rb"[0-9A-Fa-f]{40}(:|\s|$)", begins):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "%(name)s: the lines of %(path)s do not begin with a SHA-1 hash; download "
                    "Pwned Passwords as SHA-1, ordered by hash."
                ),
                name=name,
                path=repr(value),
            )
        )
    return Path(value)


def keep_kernels() -> None:
    """Where compiled kernels may not rest beside the code, let them rest in the data directory.

    Numba reads the place when it is imported; without one it compiles nothing at all.
    """
    if not os.access(Path(__file__).parent, os.W_OK):
        os.environ.setdefault("NUMBA_CACHE_DIR", str(data_dir() / "compiled"))


def data_dir() -> Path:
    """The directory that holds database, keys and files; made on first use, mode 700."""
    default = Path(os.environ.get("XDG_DATA_HOME", "~/.local/share")) / "amends"
    path = Path(os.environ.get("AMENDS_DATA_DIR") or default).expanduser().absolute()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "The data directory %(path)s cannot be made (%(why)s); set AMENDS_DATA_DIR."
                ),
                path=path,
                why=error.strerror,
            )
        ) from error
    return path


def secret_key(directory: Path) -> str:
    """The signing key of sessions and forms, made on the first run in the data directory."""
    path = directory / "keys" / "session.key"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        _make_key(path)
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 50:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(path)s is too short; restore it from a backup."), path=path
            )
        )
    return key


def _make_key(path: Path) -> None:
    """Link a finished file into place: web and jobs start together, and either may be killed."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def database(directory: Path) -> dict[str, Any]:
    """SQLite in the data directory, or what `AMENDS_DATABASE_URL` names (postgresql:// only)."""
    url = os.environ.get("AMENDS_DATABASE_URL", "").strip()
    if not url:
        return _sqlite(Path(os.environ.get("AMENDS_SQLITE_FILE") or directory / "amends.sqlite3"))
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "AMENDS_DATABASE_URL must start with postgresql:// (leave it empty for SQLite)."
                )
            )
        )
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", "") or parts.hostname or ""
    if not is_this_machine(host):
        # The default of libpq falls back to plain text.
        query.setdefault("sslmode", "verify-full")
    return {
        "ENGINE": "amends.platform.database.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "amends",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**query},
    }


def is_this_machine(host: str) -> bool:
    """Whether a database at this host is reached without a network: a socket, or loopback.

    >>> is_this_machine("/run/postgresql"), is_this_machine("127.0.0.1"), is_this_machine("db")
    (True, True, False)
    """
    return not host or host.startswith("/") or host in {"localhost", "127.0.0.1", "::1"}


def act_as_owner() -> str:
    """For a migration: take the owner's address of the database; the name of the role that serves.

    "" where one role does both.
    """
    owner = os.environ.get("AMENDS_OWNER_DATABASE_URL", "").strip()
    served = os.environ.get("AMENDS_DATABASE_URL", "").strip()
    if not owner:
        return ""
    role = unquote(urlsplit(served).username or "")
    if not role or role == unquote(urlsplit(owner).username or ""):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "AMENDS_OWNER_DATABASE_URL needs AMENDS_DATABASE_URL with the name of "
                    "another role."
                )
            )
        )
    os.environ["AMENDS_DATABASE_URL"] = owner
    return role


def _sqlite(path: Path) -> dict[str, Any]:
    """WAL, IMMEDIATE transactions and FULL sync: an acknowledged write survives a power cut."""
    return {
        "ENGINE": "amends.platform.database.sqlite",
        # Opening and closing a connection costs more than most requests.
        "CONN_MAX_AGE": None,
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # 16 MB of pages for each thread's connection: with 64 a busy server held 700 MB.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                # What is deleted is overwritten, at no cost that could be measured.
                "PRAGMA secure_delete=ON;"
                "PRAGMA busy_timeout=20000; PRAGMA cache_size=-16000; PRAGMA mmap_size=67108864;"
                # A checkpoint each 16 MB of log, not each 4, which took a fifth of a small write.
                "PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=4000;"
            ),
        },
        # A file, as in production: an in-memory database locks whole tables between threads.
        "TEST": {"NAME": str(path.with_name("test-amends.sqlite3"))},
    }
