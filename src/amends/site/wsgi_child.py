"""The WSGI entrance of a process that `amends serve` started: it ends with `amends serve`."""

from multiprocessing import parent_process

from amends.site.parent_process import end_with

# Before all else is loaded: what loads for long is watched too.
if (parent := parent_process()) is not None and parent.pid is not None:
    end_with(parent.pid)

from amends.site.wsgi import application

__all__ = ["application"]
