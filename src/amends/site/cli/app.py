"""The `amends` command and its exit codes: 0 done, 1 refused or findings, 2 bad input."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import typer

from amends.kit.errors import AmendsError, BadInput
from amends.site.cli.language import ENGLISH, language, told
from amends.site.environment import keep_kernels
from amends.site.installed import APPS

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Telecom complaints with their evidence, and what prevents them.",
)


def commands() -> dict[str, str]:
    """Command → "module:attribute", as each app declares it.

    A command's module is imported only when it runs, so that `amends deadlines` does not wait for a
    database.
    """
    found: dict[str, str] = {}
    for name in APPS:
        module = import_module(f"{name}.apps")
        for config in vars(module).values():
            if isinstance(config, type) and config.__module__ == module.__name__:
                found |= getattr(config, "commands", {})
    return dict(sorted(found.items()))


def build(command: str) -> typer.Typer:
    """The command line with `command` loaded, or with every command if it is not known."""
    known = commands()
    names = [command] if command in known else list(known)
    for name in names:
        module, _, attribute = known[name].partition(":")
        target = getattr(import_module(module), attribute)
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=name)
        else:
            app.command(name)(target)
    if len(names) == 1:
        app.callback()(_several)
    return app


def _several() -> None:
    """Telecom complaints with their evidence, and what prevents them."""


def run(line: typer.Typer) -> None:
    """Carry a command out; help, and what Typer says of arguments, in the reader's language."""
    if language() == ENGLISH:
        line()
    from amends.site.cli.help import run_in_chinese

    run_in_chinese(line)


def main() -> None:
    """Run the command line; a refusal, or trouble with disk or database, is a sentence.

    A mistake of ours alone shows its traceback.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    try:
        keep_kernels()
        run(build(command))
    except AmendsError as error:
        typer.echo(told(error), err=True)
        sys.exit(2 if isinstance(error, BadInput) else 1)
    except Exception as error:
        from amends.site.cli.start import told_of_migrations, told_of_path, told_of_trouble

        if said := told_of_path(error, sys.argv[1:]):
            typer.echo(said, err=True)
            sys.exit(2)
        if not (said := told_of_migrations(error) or told_of_trouble(error)):
            raise
        typer.echo(said, err=True)
        sys.exit(1)
