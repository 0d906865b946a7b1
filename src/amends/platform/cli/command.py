"""The decorator of commands: a command is a signature and a call that returns a result.

    @command(view=_table_of_measures)
    def measures(check: Annotated[bool, typer.Option(help="…")] = False) -> MeasureList:
        found = queries.measures()
        if check and found.failed:
            raise CheckFailed(found)
        return found

Around it the decorator starts Django, finds who acts, adds `--json` and `--quiet`, and prints the
result; with either option no progress is shown (`cli/progress.py`). A refusal (`AmendsError`) that
the command raises becomes a sentence on standard error and exit code 1 or 2 where the command line
begins (`amends.site.cli.app.main`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from types import SimpleNamespace
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from amends.platform.cli.progress import progress_shown
from amends.platform.cli.render import View, show, write_json
from amends.platform.cli.start import start
from amends.platform.kit.errors import AmendsError

R = TypeVar("R")
_JSON = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
_QUIET = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
_BY = Annotated[str, typer.Option("--by", help="Name under which you sign in.")]


class CheckFailed(Exception):
    """The command did its work and a check failed: the result is printed, the exit code is 1.

    refusal  what is said after the result, where nothing of the input could be used; the exit code
             is that of the refusal
    """

    def __init__(self, result: object, refusal: AmendsError | None = None) -> None:
        super().__init__()
        self.result = result
        self.refusal = refusal


def command(
    *, view: Callable[[R], View], django: bool = True, tables: bool = True
) -> Callable[[Callable[..., R]], Callable[..., None]]:
    """Make a function that returns a result a command of the shell.

    view    what to print of the result for a person
    django  False for a command that starts Django itself or does without: one that works while
            settings or database are broken, or that sets variables before the settings are read
    tables  whether it needs the database: on first use its tables are made

    A parameter called `actor` becomes the option `--by NAME`: the function gets the `Actor` of the
    person with that name.
    """

    def decorate(function: Callable[..., R]) -> Callable[..., None]:
        parameters = [_as_option(parameter) for parameter in _parameters(function)]
        acts = "actor" in inspect.signature(function).parameters
        for name, hint in (("as_json", _JSON), ("quiet", _QUIET)):
            parameters.append(
                inspect.Parameter(
                    name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=hint
                )
            )

        @wraps(function)
        def run(*, as_json: bool, quiet: bool, **options: Any) -> None:
            if django:
                start(tables=tables)
            if acts:
                options["actor"] = _actor(options.pop("by"))
            code, refusal = 0, None
            try:
                with progress_shown(not (quiet or as_json)):
                    result: object = function(**options)
            except CheckFailed as failed:
                result, code, refusal = failed.result, 1, failed.refusal
            if as_json:
                write_json(result)
            elif not quiet:
                show(view(result))  # type: ignore[arg-type]
            if refusal:
                raise refusal
            if code:
                raise typer.Exit(code)

        # Typer reads the signature; `__wrapped__` would lead it to the function itself.
        del run.__wrapped__
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return run

    return decorate


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters with their annotations evaluated; what is returned Typer need not know."""
    named = dict(function.__annotations__)
    for name in ("return", "actor"):
        named.pop(name, None)
    hints = get_type_hints(
        SimpleNamespace(__annotations__=named), function.__globals__, include_extras=True
    )
    return [
        parameter.replace(annotation=hints.get(parameter.name, parameter.annotation))
        for parameter in inspect.signature(function).parameters.values()
    ]


def _as_option(parameter: inspect.Parameter) -> inspect.Parameter:
    if parameter.name == "actor":
        parameter = parameter.replace(name="by", annotation=_BY)
    return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)


def _actor(name: str) -> Any:
    from amends.platform import registry

    return registry.actor_called(name)
