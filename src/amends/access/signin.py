"""Sign-in: accounts are made by the operator, nobody signs up."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAccounts(DefaultAccountAdapter):
    """No public registration."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
