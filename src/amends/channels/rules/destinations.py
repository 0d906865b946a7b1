"""Destinations of messages that a person causes: ordinary numbers of the country."""

from __future__ import annotations

from collections.abc import Collection

import phonenumbers
from phonenumbers import PhoneNumberType, ValidationResult

EMERGENCY, PREMIUM, SATELLITE, FOREIGN, NO_NUMBER = (
    "emergency",
    "premium",
    "satellite",
    "foreign",
    "no_number",
)
_EU = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)
_SATELLITE = frozenset({870, 881, 882, 883})
"""Country codes of satellite and other international networks (ITU-T E.164, Annex)."""
_SATELLITE_PREFIXES = {86: ("1349", "1740")}
"""Country code → prefixes of its own satellite phones: in China of Globalstar and Tiantong,
from memory."""
_PREMIUM_CODES = frozenset({979})
_PREMIUM = frozenset(
    {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN}
)


def refused_destination(number: str, *, region: str, allowed: Collection[str] = ()) -> str:
    """Why a phone number is refused as a destination; "" where it is not.

    region   country of the installation, as ISO 3166; "EU" for all its members
    allowed  further countries, "premium", "satellite"

    >>> numbers = ("110", "+237650000000", "+8821612345678")
    >>> [refused_destination(number, region="CN") for number in numbers]
    ['emergency', 'foreign', 'satellite']
    >>> refused_destination("0900", region="CN"), refused_destination("13900001234", region="CN")
    ('no_number', '')
    >>> refused_destination("17400123456", region="CN")
    'satellite'
    >>> refused_destination("+237650000000", region="CN", allowed=["CM"])
    ''
    >>> refused_destination("+49 900 1234567", region="EU")
    'premium'
    """
    home = _EU if region == "EU" else frozenset({region})
    bare = number.removeprefix(f"+{phonenumbers.country_code_for_region(region)}")
    if any(phonenumbers.connects_to_emergency_number(bare, home_region) for home_region in home):
        return EMERGENCY
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return NO_NUMBER
    satellite = _SATELLITE_PREFIXES.get(parsed.country_code or 0, ())
    if parsed.country_code in _SATELLITE or str(parsed.national_number).startswith(satellite):
        return "" if SATELLITE in allowed else SATELLITE
    kind = phonenumbers.number_type(parsed)
    if kind in _PREMIUM or parsed.country_code in _PREMIUM_CODES:
        return "" if PREMIUM in allowed else PREMIUM
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return NO_NUMBER
    countries = set(phonenumbers.region_codes_for_country_code(parsed.country_code or 0))
    exact = phonenumbers.region_code_for_number(parsed)
    if countries & home and (exact is None or exact in home):
        return ""
    return "" if (exact or next(iter(countries), "")) in allowed else FOREIGN
