"""Starting Django from the command line, with the settings' own errors as sentences."""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import typer

from amends.platform.cli.known_settings import misspelt
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import language, ngettext, translate_sentence
from amends.platform.environment.settings_values import countries
from amends.platform.kit.errors import Unavailable, gettext_noop

SYSTEM_SAYS = (
    gettext_noop("No such file or directory"),
    gettext_noop("Permission denied"),
    gettext_noop("Is a directory"),
    gettext_noop("Not a directory"),
    gettext_noop("File exists"),
    gettext_noop("File name too long"),
    gettext_noop("No space left on device"),
    gettext_noop("Read-only file system"),
    gettext_noop("Input/output error"),
    gettext_noop("Address already in use"),
    gettext_noop("Cannot assign requested address"),
    gettext_noop("Connection refused"),
    gettext_noop("Name or service not known"),
)
"""What the operating system says most, for the catalogue: it speaks English to everybody."""
# Asking `gc.get_freeze_count` takes 80 ms once half a million objects are frozen.
_has_frozen = False
_MISSING = ("no such table", "no such column", "has no column", "does not exist")


def start(*, tables: bool = True) -> None:
    """Make the apps usable and let them speak the reader's language; a setting that is not
    understood ends the command with 2.

    tables  on first use also make the embedded database: whoever brings it to shape himself, or
            needs none, says no
    """
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.utils import translation

    # Nothing that is loaded here becomes garbage; a search for some takes a tenth of the time.
    gc.disable()
    try:
        django.setup()
    except ImproperlyConfigured as error:
        refuse_settings(error)
    finally:
        gc.enable()
    translation.activate(language())
    for name, intended in misspelt(os.environ):
        typer.echo(
            _("%(name)s is no setting and is passed over; %(meant)s is one.")
            % {"name": name, "meant": intended},
            err=True,
        )
    from amends.platform.cli.signals import command_started

    command_started.send(None)
    if tables:
        prepare_tables()
    # What was loaded stays to the end. Looking through it for garbage takes a tenth of a second and
    # may fall into a transaction that others wait for. Once only: what a process has left behind
    # by its second command is to be looked through.
    global _has_frozen
    if not _has_frozen:
        _has_frozen = True
        gc.freeze()


def prepare_tables() -> None:
    """Make the embedded database on first use, and refuse it where its keys are gone."""
    warn_of_default_rules()
    _first_use()
    refuse_new_keys_for_old()


def warn_of_default_rules() -> None:
    """Say whose rules hold where nobody has chosen: deadlines and decisions depend on it."""
    from django.conf import settings

    if not settings.JURISDICTION_CHOSEN:
        typer.echo(
            _(
                "No country is chosen, so the rules of China (cn) apply. Choose the country on the "
                "first pages of `amends serve`, or set AMENDS_PACK (%(known)s)."
            )
            % {"known": ", ".join(countries())},
            err=True,
        )


def refuse_settings(error: Exception) -> NoReturn:
    """End with 2, and the sentence of a setting that is not understood."""
    typer.echo(translate_sentence(error.args[0] if error.args else str(error)), err=True)
    sys.exit(2)


def _first_use() -> None:
    """Make the tables where there is no embedded database yet; one that exists is left alone."""
    from django.db import connection

    if connection.vendor != "sqlite" or connection.is_in_memory_db():
        return
    file = Path(connection.settings_dict["NAME"])
    if file.exists() and file.stat().st_size:
        return
    from django.utils import timezone

    from amends.platform.cli.migrations import migrate_with_progress
    from amends.platform.cli.signals import database_created

    typer.echo(
        _("First use of %(folder)s: its tables are made.") % {"folder": file.parent}, err=True
    )
    migrate_with_progress()
    database_created.send(None, now=timezone.now())


def refuse_new_keys_for_old() -> None:
    """Go no further where the keys of what is on record are gone."""
    from amends.platform.vault.actions.refuse_new_keys import refuse_new_keys

    refuse_new_keys()


def refuse_pending_migrations() -> None:
    """Start nothing that runs for long on a database that this version would fail on."""
    from django.db import connection

    from amends.platform.database.pending_migrations import pending_migrations

    if count := len(pending_migrations(connection)):
        raise Unavailable(
            ngettext(
                "%(count)s migration is waiting: the database does not have this version's "
                "tables yet.",
                "%(count)s migrations are waiting: the database does not have this version's "
                "tables yet.",
                count,
            )
            % {"count": count},
            meaning=_("Nothing was started or changed."),
            next_step=_("Run `amends migrate`, then start this command again."),
            code="migrations_pending",
        )


def explain_missing_tables(error: BaseException) -> str:
    """What to do where a table or column is missing because migrations wait; "" for all else."""
    from django.db import DatabaseError, connection

    first_line = str(error).strip().partition("\n")[0]
    if not isinstance(error, DatabaseError) or not any(word in first_line for word in _MISSING):
        return ""
    from amends.platform.database.pending_migrations import pending_migrations

    waiting = len(pending_migrations(connection))
    if not waiting:
        return ""
    return ngettext(
        "The database is not of this version's shape yet (%(said)s). Nothing was changed. "
        "%(count)s migration waits: run `amends migrate`, then run it again.",
        "The database is not of this version's shape yet (%(said)s). Nothing was changed. "
        "%(count)s migrations wait: run `amends migrate`, then run it again.",
        waiting,
    ) % {"said": first_line, "count": waiting}


def explain_path(error: BaseException, arguments: Sequence[str]) -> str:
    """What is wrong with a file that was named on the command line; "" for all else.

    >>> told_of_path(FileNotFoundError(2, "No such file or directory", "a.csv"), ["--out=./a.csv"])
    'a.csv cannot be read or written: No such file or directory. Check its name and rights.'
    """
    # Libraries raise errors of their own around the system's, as xlsxwriter does.
    cause = error if isinstance(error, OSError) else error.__context__
    if not isinstance(cause, OSError) or not isinstance(cause.filename, str):
        return ""
    named = {Path(word.partition("=")[2] if word.startswith("-") else word) for word in arguments}
    # A name too long is one that we made of a name given, such as that of its rejects.
    if Path(cause.filename) not in named and cause.errno != errno.ENAMETOOLONG:
        return ""
    return _("%(file)s cannot be read or written: %(why)s. Check its name and rights.") % {
        "file": cause.filename,
        "why": _(cause.strerror or ""),
    }


def explain_arguments(error: BaseException, arguments: Sequence[str]) -> str:
    """What is wrong with an argument that is not text and that was used as text; "" for all else.

    >>> told_of_arguments(UnicodeEncodeError("utf-8", "\\udcff", 0, 1, ""), ["c-1"])
    ''
    """
    if not isinstance(error, UnicodeEncodeError) or not any(map(_is_no_text, arguments)):
        return ""
    wrong = next(word for word in arguments if _is_no_text(word))
    return _("“%(word)s” is not text in UTF-8. Write it anew.") % {"word": wrong}


def _is_no_text(word: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in word)


def explain_system_error(error: BaseException) -> str:
    """What disk or database could not do, for who runs a command; "" where it is our mistake.

    >>> told_of_trouble(OSError(28, "No space left on device"))[:47]
    'The disk is full (No space left on device). Not'
    """
    from amends.platform.database.failures import kind_of

    why = getattr(error, "strerror", None) or str(error).strip().partition("\n")[0]
    template = {
        "full": _(
            "The disk is full (%(why)s). Nothing was left half done. Make room, then run it again."
        ),
        "read-only": _(
            "The database or the data directory cannot be written (%(why)s). Nothing was left half "
            "done. See why its file system takes nothing (`mount`, `dmesg`), then run it again."
        ),
        "absent": _(
            "The database does not answer (%(why)s). Nothing was left half done. See whether it "
            "runs, and whether `amends migrate` made its tables."
        ),
    }.get(kind_of(error), "")
    return template % {"why": _(why)} if template else ""
