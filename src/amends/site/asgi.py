"""The ASGI entrance that `amends serve` starts: bodies with limits, then Django in a few threads.

The pages are synchronous Django behind WSGI. A thread that reads a body waits for its sender, so a
handful of slow senders would occupy every thread. Here the event loop receives the whole body
first (`request_bodies`), and a thread starts with a request that is complete.
"""

from multiprocessing import parent_process

from amends.site.parent_process import end_with

# Before all else is loaded: what loads for long is watched too.
if (parent := parent_process()) is not None and parent.pid is not None:
    end_with(parent.pid)

import os

from a2wsgi import WSGIMiddleware

from amends.site.request_bodies import LIVE, THREADS_VARIABLE, RequestBodies
from amends.site.wsgi import application as wsgi_application

application = RequestBodies(
    WSGIMiddleware(wsgi_application, workers=int(os.environ.get(THREADS_VARIABLE, "4"))),
    answers={"/healthz/live": LIVE},
)

__all__ = ["application"]
