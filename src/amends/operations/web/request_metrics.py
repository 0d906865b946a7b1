"""Counts every request for `/metrics`; the first middleware, so that it sees each answer."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from amends.operations.health.requests import count_request


class RequestMetrics:
    """Counts requests, with their status and how long they took, by route."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began_at = time.perf_counter()
        response = self.get_response(request)
        count_request(request, response.status_code, time.perf_counter() - began_at)
        return response
