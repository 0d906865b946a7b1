"""Refusals of `webhooks`."""

from __future__ import annotations

from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _


class UnableToSetUpEndpoint(BadInput):
    """The name, address or types of an endpoint cannot be used; `field` is the one concerned."""

    code = "webhook_endpoint_unusable"
    field = ""


class UnableToFindEndpoint(BadInput):
    """There is no such endpoint or delivery."""

    code = "webhook_endpoint_unknown"


class UnableToChangeEndpoints(Refused):
    """The person is no administrator of all brands."""

    code = "webhook_administrator_needed"


def unusable(field: str, what: str, next_step: str, **values: object) -> UnableToSetUpEndpoint:
    refusal = UnableToSetUpEndpoint(what, next_step=next_step, values=values)
    refusal.field = field
    return refusal


def unknown_endpoint(name: str) -> UnableToFindEndpoint:
    return UnableToFindEndpoint(
        _("There is no endpoint “%(name)s”."),
        next_step=_("“amends webhooks list” shows them."),
        values={"name": name},
    )
