"""The command line: what the console does on a page, from the shell."""

from amends.site.cli.app import main

__all__ = ["main"]
