"""Progress on standard error, for anything that takes more than two seconds.

A terminal shows bars; a pipe or a log gets a line for each tenth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_quiet: ContextVar[bool] = ContextVar("progress is not shown", default=False)


@contextmanager
def progress_shown(is_shown: bool) -> Iterator[None]:
    """Within it `bar` shows progress or not, as the options of the command say."""
    before = _quiet.set(not is_shown)
    try:
        yield
    finally:
        _quiet.reset(before)


def is_quiet() -> bool:
    """Whether the command was told to print nothing but its result, or nothing at all."""
    return _quiet.get()


@contextmanager
def bar(title: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A bar named `title`; the function it yields takes (done, total)."""
    from rich.console import Console

    console = Console(stderr=True, quiet=quiet or _quiet.get())
    if not console.is_terminal:
        report = in_lines(console)
        yield lambda processed, total: report(title, processed, total)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda processed, total: progress.update(task, completed=processed, total=total)


def in_lines(console: Console) -> Callable[[str, int, int], None]:
    """What takes (title, done, total) and prints a line whenever another tenth is done."""
    tenths: dict[str, int] = {}

    def tell(title: str, processed: int, total: int) -> None:
        tenth = processed * 10 // max(total, 1)
        if tenths.get(title, -1) < tenth:
            tenths[title] = tenth
            console.print(f"{title} {processed}/{total}", highlight=False, soft_wrap=True)

    return tell
