"""What menus of chat, text messages and kiosk list."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from amends.entrances.selfservice.queries import OrderableOffer, offers_in_menus
from amends.platform.kit.formats import format_money
from amends.platform.registry import PublishedText


def menu_line(offer: OrderableOffer) -> str:
    """Name and price of an offer, as menus list it."""
    price = format_money(offer.price_minor, offer.currency)
    return _("%(name)s %(price)s a month") % {"name": offer.name, "price": price}


def published_texts() -> list[PublishedText]:
    """What the menus of chat and kiosk say of each offer, for the matrix of offers and channels."""
    texts = []
    for language, code in (("zh", "zh-hans"), ("en", "en")):
        with override(code):
            for menu_offer in offers_in_menus(timezone.now()):
                for channel in ("chat", "kiosk"):
                    key = f"{channel}/{menu_offer.ref}/{language}"
                    texts.append(
                        PublishedText(
                            key=key,
                            channel=channel,
                            language=language,
                            text=menu_line(menu_offer),
                            offer=menu_offer.ref,
                        )
                    )
    return texts
