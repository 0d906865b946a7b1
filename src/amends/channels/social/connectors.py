"""Which connector speaks for an account."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from amends.channels.social.connector import Connector
from amends.channels.social.settings import PLATFORMS, PlatformAccount

_MODULES = {name: f"amends.channels.social.{name}" for name in PLATFORMS}


def connector_of(account: PlatformAccount) -> Connector:
    """The connector of an account's platform."""
    make: Callable[[PlatformAccount], Connector] = import_module(
        _MODULES[account.platform]
    ).connector
    return make(account)
