"""Run the conformance kits of TM Forum, which know nothing of tokens, against a live server.

The kits are never part of the repository (licence: RAND). `AMENDS_CTK` names the folder that holds
their clones, and `newman` must be in PATH or in `AMENDS_NEWMAN`.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

KITS = Path(os.environ.get("AMENDS_CTK") or "no such folder")
NEWMAN = os.environ.get("AMENDS_NEWMAN") or "newman"


@dataclass(frozen=True, slots=True)
class KitResult:
    """What newman counted, and each assertion that failed."""

    assertions: int
    failures: list[str]


@contextmanager
def with_token(address: str, token: str) -> Iterator[str]:
    """The address of a proxy that adds the token to every request."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_words: object) -> None:
            pass

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sent = {
                name: self.headers[name]
                for name in ("Accept", "Content-Type", "If-Match")
                if name in self.headers
            }
            request = Request(
                address + self.path,
                data=body or None,
                method=self.command,
                headers={**sent, "Authorization": f"Bearer {token}"},
            )
            try:
                with urlopen(request) as answer:
                    status, headers, content = answer.status, answer.headers, answer.read()
            except HTTPError as error:
                status, headers, content = error.code, error.headers, error.read()
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _pass_on

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def run_kit(collection: Path, environment: Path, variables: dict[str, str], out: Path) -> KitResult:
    """Run a collection by newman; its JSON report says what failed."""
    words = [NEWMAN, "run", str(collection), "-e", str(environment), "--reporters", "json"]
    words += ["--reporter-json-export", str(out)]
    for name, value in variables.items():
        words += ["--env-var", f"{name}={value}"]
    subprocess.run(words, check=False, capture_output=True, timeout=120)
    run = json.loads(out.read_text(encoding="utf-8"))["run"]
    failures = [
        f"{failure['source'].get('name', '')}: {failure['error']['message']}"
        for failure in run["failures"]
    ]
    return KitResult(run["stats"]["assertions"]["total"], failures)
