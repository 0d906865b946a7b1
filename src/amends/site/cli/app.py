"""The `amends` command and its exit codes: 0 done, 1 refused or findings, 2 bad input."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from io import TextIOWrapper
from typing import Annotated, Any, NoReturn

import orjson
import typer

from amends.platform.cli.language import error_text, json_asked
from amends.platform.environment.build import release
from amends.platform.environment.settings_values import keep_kernels
from amends.platform.kit.errors import AmendsError, BadInput
from amends.platform.kit.printable import printable
from amends.site.installed import APPS

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def commands() -> dict[str, str]:
    """Command → "module:attribute", as each app declares it.

    A command's module is imported only when it runs, so that no command waits for the libraries of
    another.
    """
    command_modules: dict[str, str] = {}
    for name in APPS:
        module = import_module(f"{name}.apps")
        for config in vars(module).values():
            if isinstance(config, type) and config.__module__ == module.__name__:
                command_modules |= getattr(config, "commands", {})
    return dict(sorted(command_modules.items()))


def build(command: str) -> typer.Typer:
    """The command line with `command` loaded, or with every command if it is not known."""
    modules_by_command = commands()
    names = [command] if command in modules_by_command else list(modules_by_command)
    for name in names:
        target = loaded(name, modules_by_command)
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=name)
        elif " " not in name:
            app.command(name)(target)
    app.callback()(_root)
    return app


def loaded(name: str, modules_by_command: Mapping[str, str]) -> Any:
    """A command, or a group of commands with those that other apps add to it."""
    module, _colon, attribute = modules_by_command[name].partition(":")
    target = getattr(import_module(module), attribute)
    if isinstance(target, typer.Typer):
        existing_names = {
            registered_command.name for registered_command in target.registered_commands
        }
        for other_name in modules_by_command:
            group, _space, own = other_name.partition(" ")
            if own and group == name and own not in existing_names:
                target.command(own)(loaded(other_name, modules_by_command))
    return target


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=lambda is_requested: _print_version() if is_requested else None,
            help="Show version and commit, and exit.",
        ),
    ] = False,
) -> None:
    """Handle telecom complaints with evidence, and prevent their causes."""


def _print_version() -> None:
    typer.echo(release())
    raise typer.Exit


def refuse(code: int, message: str, document: dict[str, str]) -> NoReturn:
    """End with a refusal on standard error: a sentence, or under --json the document."""
    if json_asked():
        message = orjson.dumps(document).decode()
    typer.echo(printable(message), err=True)
    sys.exit(code)


def main() -> None:
    """Run the command line; a refusal, or trouble with disk or database, is a sentence, or under
    --json a document with `error` and `what`.

    A mistake of ours alone shows its traceback.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
    # As standard error does: a file name that is no UTF-8 does not end a command that did its work.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    try:
        keep_kernels()
        from amends.platform.cli.help import run

        run(build(command))
    except AmendsError as error:
        refuse(2 if isinstance(error, BadInput) else 1, error_text(error), error.as_dict())
    except Exception as error:
        from amends.platform.cli.start import (
            explain_arguments,
            explain_missing_tables,
            explain_path,
            explain_system_error,
        )

        if explanation := explain_path(error, sys.argv[1:]):
            refuse(2, explanation, {"error": "file_unusable", "what": explanation})
        if explanation := explain_arguments(error, sys.argv[1:]):
            refuse(2, explanation, {"error": "wrong_arguments", "what": explanation})
        if not (explanation := explain_missing_tables(error) or explain_system_error(error)):
            raise
        refuse(1, explanation, {"error": "unavailable", "what": explanation})
