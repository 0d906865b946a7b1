"""Help and complaints of the command line itself, in the reader's language.

A command's help is its docstring and its options' `help`; their Chinese stands in the catalogue of
this app. Typer's own words (Usage, Options, No such option …) are English in Typer, so they are
listed here.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any, NoReturn

import typer
from typer._click.exceptions import ClickException
from typer._click.formatting import HelpFormatter

from amends.platform.cli.language import CHINESE, json_asked, language
from amends.platform.cli.language import gettext as _
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.printable import printable

_HELP_OPTIONS = ("-h", "--help")
_FRAME = {
    "ARGUMENTS_PANEL_TITLE": gettext_noop("Arguments"),
    "OPTIONS_PANEL_TITLE": gettext_noop("Options"),
    "COMMANDS_PANEL_TITLE": gettext_noop("Commands"),
    "ERRORS_PANEL_TITLE": gettext_noop("Error"),
    "ABORTED_TEXT": gettext_noop("Aborted."),
    "DEFAULT_STRING": gettext_noop("[default: {}]"),
    "REQUIRED_LONG_STRING": gettext_noop("[required]"),
    "RICH_HELP": gettext_noop("Try [blue]'{command_path} {help_option}'[/] for help."),
}
# What Typer says of arguments it cannot use, and the same words with places to fill.
_COMPLAINTS = (
    (r"Missing (?:argument|option|parameter) (?P<what>.+)\.", gettext_noop("Missing: %(what)s.")),
    (r"Missing command\.", gettext_noop("Missing command.")),
    (
        r"No such option: (?P<what>.+) \(Possible options: (?P<known>.+)\)",
        gettext_noop("No such option: %(what)s (Possible options: %(known)s)"),
    ),
    (r"No such option: (?P<what>.+)", gettext_noop("No such option: %(what)s")),
    (
        r"No such command (?P<what>\S+)\. Did you mean (?P<known>.+)\?",
        gettext_noop("No such command: %(what)s. Did you mean %(known)s?"),
    ),
    (r"No such command (?P<what>.+)\.", gettext_noop("No such command: %(what)s.")),
    (
        r"Got unexpected extra argument\(s\) \((?P<what>.*)\)",
        gettext_noop("Unexpected extra arguments: %(what)s"),
    ),
    (
        r"Option (?P<what>.+) requires an argument\.",
        gettext_noop("Option %(what)s requires a value."),
    ),
    (
        r"Option (?P<what>.+) does not take a value\.",
        gettext_noop("Option %(what)s takes no value."),
    ),
    (
        r"Invalid value for (?P<what>[^:]+): (?P<why>.+)",
        gettext_noop("Invalid value for %(what)s: %(why)s"),
    ),
    (r"Input should be a valid integer.*", gettext_noop("it should be a whole number")),
    (r"Input should be a valid number.*", gettext_noop("it should be a number")),
    (
        r"Input should be greater than or equal to (?P<least>.+)",
        gettext_noop("it should be at least %(least)s"),
    ),
    (
        r"Input should be less than or equal to (?P<most>.+)",
        gettext_noop("it should be at most %(most)s"),
    ),
    (
        r"(?:Value error, )?(?P<what>'.*') is not one of (?P<known>.+?)\.?",
        gettext_noop("%(what)s is not one of %(known)s"),
    ),
    (
        r"(?:file|path|dir|directory) (?P<what>'.*') does not exist\.?",
        gettext_noop("%(what)s does not exist"),
    ),
)


def run(line: typer.Typer) -> NoReturn:
    """Carry a command out as Typer does, with help and complaints in the reader's language."""
    command = typer.main.get_command(line)
    translate_help(command)
    try:
        sys.exit(command.main(standalone_mode=False))
    except ClickException as error:
        message = printable(complaint(error.format_message()))
        error.format_message = lambda: message  # type: ignore[method-assign]
        if json_asked():
            document = {"error": "wrong_arguments", "what": message}
            typer.echo(json.dumps(document, ensure_ascii=False), err=True)
        else:
            _printer().rich_format_error(error)
        sys.exit(error.exit_code)
    except typer.Abort:
        _printer().rich_abort_error()
        sys.exit(1)


def translate_help(command: Any) -> None:
    """Put the help of a command and of all below it into the reader's language."""
    command.context_settings["help_option_names"] = list(_HELP_OPTIONS)
    _prepare(command)
    if language() == CHINESE:
        _translate(command)


def _printer() -> Any:
    """What prints help and errors for Typer, with the words around them translated.

    Loaded only where one of both is printed: it is a tenth of the time in which a command starts.
    """
    from typer import rich_utils

    if language() == CHINESE:
        for name, text in _FRAME.items():
            setattr(rich_utils, name, _(text))
    return rich_utils


def _prepare(command: Any) -> None:
    """Show options that take no value as flags: without a type, and without a --no- form where
    leaving the option out says the same."""
    for param in _params(command):
        if getattr(param, "is_flag", False):
            param.display_type_rich = lambda ctx: None
            if param.default is False:
                param.secondary_opts, param.show_default = [], False
    for below in getattr(command, "commands", {}).values():
        _prepare(below)


def _params(command: Any) -> list[Any]:
    """Arguments and options; the option --help is made where it is first asked for."""
    context = typer.Context(command, help_option_names=list(_HELP_OPTIONS))
    return [*command.params, *filter(None, [command.get_help_option(context)])]


def _translate(command: Any) -> None:
    command.context_class.formatter_class = _Formatter
    print_help = command.format_help

    def format_help(context: Any, formatter: HelpFormatter) -> None:
        _printer()
        print_help(context, formatter)

    command.format_help = format_help
    for node in (command, *_params(command)):
        for name in ("help", "short_help", "prompt"):
            if isinstance(text := getattr(node, name, None), str):
                setattr(node, name, _(text))
    for below in getattr(command, "commands", {}).values():
        _translate(below)


class _Formatter(HelpFormatter):
    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line of usage."""
        super().write_usage(prog, args, _("Usage: ") if prefix is None else prefix)


def complaint(message: str) -> str:
    """What Typer says of arguments it cannot use, in the reader's language.

    >>> complaint("No such option: --nope")
    'No such option: --nope'
    """
    for pattern, template in _COMPLAINTS:
        if _(template) != template and (match := re.fullmatch(pattern, message, re.DOTALL)):
            return _(template) % {name: complaint(part) for name, part in match.groupdict().items()}
    return message


# Texts of Typer's that it fills in by itself.
_OWN = (gettext_noop("Show this message and exit."),)
