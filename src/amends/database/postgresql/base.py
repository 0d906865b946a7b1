"""A kept connection is asked `SELECT 1` only where its socket has something to say.

Django asks before the first statement of every request, which took a tenth of a small page. A
server that ends or restarts closes its connections, and a closed socket is readable: so a quiet
one is as good as an answer, and costs no way to the server and back.
"""

from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that looks at its socket before it asks."""

    def is_usable(self) -> bool:
        """Whether the connection still stands."""
        if self.connection is None or self.connection.closed:
            return False
        looked = select.poll()
        looked.register(self.connection.fileno(), select.POLLIN)
        return not looked.poll(0) or bool(super().is_usable())
