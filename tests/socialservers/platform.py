"""A small server whose answers a test decides: what was asked, and what is said."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Asked = dict[str, str]
Answer = Callable[[str, str, Asked], tuple[int, Any] | None]


class Platform:
    """`answer(method, path, fields)` gives status and document; None hangs up."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[tuple[str, str, Asked]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _respond(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
                if body.startswith("{"):
                    fields["body"] = body
                else:
                    fields |= {name: values[0] for name, values in parse_qs(body).items()}
                server.asked.append((self.command, parts.path, fields))
                said = answer(self.command, parts.path, fields)
                if said is None:
                    self.close_connection = True
                    return
                content = said[1] if isinstance(said[1], bytes) else json.dumps(said[1]).encode()
                self.send_response(said[0])
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _respond

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def paths(self) -> list[str]:
        """The paths that were asked, in order."""
        return [path for _method, path, _fields in self.asked]


@contextmanager
def platform(answer: Answer) -> Iterator[Platform]:
    """The server while it runs."""
    made = Platform(answer)
    thread = threading.Thread(target=made.http.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.http.shutdown()
        made.http.server_close()
        thread.join()
