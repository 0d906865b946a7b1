"""A receiver of webhooks on the loopback that verifies with the public library."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook


@dataclass
class Received:
    """What arrived: bodies that verified, in their order, and how the receiver answers."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    requests: int = 0
    secrets: list[str] = field(default_factory=list)
    status: int = 204
    refused_subjects: set[str] = field(default_factory=set)
    location: str = ""


class ReceivingServer(ThreadingHTTPServer):
    """Answers 204 to what verifies under every secret."""

    daemon_threads = True
    received: Received


class _Hook(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ReceivingServer

    def do_POST(self) -> None:
        received = self.server.received
        received.requests += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        for secret in received.secrets:
            Webhook(secret).verify(body, headers)
        document = Webhook(received.secrets[0]).verify(body, headers)
        status = received.status
        if document["data"].get("complaint") in received.refused_subjects:
            status = 422
        if status < 300:
            received.bodies.append(document)
            received.ids.append(headers["webhook-id"])
            received.headers.append(headers)
        self.send_response(status)
        if received.location:
            self.send_header("Location", received.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


def start(received: Received, port: int = 0) -> ReceivingServer:
    server = ReceivingServer(("127.0.0.1", port), _Hook)
    server.received = received
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
    return server


def stop(server: ReceivingServer) -> None:
    server.shutdown()
    server.server_close()
