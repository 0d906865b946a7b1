"""What is taken from sale for its complaints is neither ordered nor carried out meanwhile."""

from __future__ import annotations

from django.utils.translation import gettext as _

from amends.kit.errors import Refused
from amends.subscribers.queries import is_frozen


class UnableToSell(Refused):
    """The offer or the campaign is taken from sale while its complaints are being cleared up."""

    code = "sale_frozen"


def frozen_part(order: str, *, offer: str, campaign: str) -> str:
    """What of an order is taken from sale now, "" for nothing; a stop goes through at any time."""
    if order == "stop":
        return ""
    parts = (("offer", offer), ("campaign", campaign))
    return next((ref for kind, ref in parts if is_frozen(kind, ref)), "")


def refuse_frozen(order: str, *, offer: str, campaign: str, done: str) -> None:
    """Raise `UnableToSell` if the order asks for something that is frozen.

    done  what became of the order, as a sentence: stored or not, carried out or not
    """
    if found := frozen_part(order, offer=offer, campaign=campaign):
        raise UnableToSell(
            _("%(what)s is taken from sale for now.") % {"what": found},
            meaning=f"{done} " + _("Many users complain of it, and that comes first."),
            next_step=_("Offer something else, or wait until the freeze is lifted."),
        )
