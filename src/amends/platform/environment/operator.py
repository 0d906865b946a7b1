"""Who runs the installation, as its customers know it: name, hotline, hours, privacy notice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from amends.platform.environment.variables import text
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.translatable import Translatable

_LONGEST = 200
HOTLINE = re.compile(r"[0-9+*#() -]{2,30}")


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator; "" where a setting is empty. The `_en` forms are for readers of English."""

    name: str = ""
    name_en: str = ""
    hotline: str = ""
    hours: str = ""
    hours_en: str = ""
    privacy_url: str = ""
    regulator_contact: str = ""
    regulator_contact_en: str = ""

    def name_in(self, language: str) -> str:
        """The name for a reader of `language`.

        >>> Operator("示例通信", "Example Telecom").name_in("en")
        'Example Telecom'
        >>> Operator("Example Telecom").name_in("zh-hans")
        'Example Telecom'
        """
        return self._said(self.name, self.name_en, language)

    def hours_in(self, language: str) -> str:
        """When the hotline is answered."""
        return self._said(self.hours, self.hours_en, language)

    def regulator_contact_in(self, language: str) -> str:
        """How to reach the dispute body, where the operator knows better than the pack."""
        return self._said(self.regulator_contact, self.regulator_contact_en, language)

    @staticmethod
    def _said(own: str, english: str, language: str) -> str:
        return own if is_chinese(language) else english or own


def operator_from_environment() -> Operator:
    """Read `AMENDS_OPERATOR_…`; a value that is not understood stops the start."""
    return Operator(
        name=_line("AMENDS_OPERATOR_NAME"),
        name_en=_line("AMENDS_OPERATOR_NAME_EN"),
        hotline=_hotline("AMENDS_OPERATOR_HOTLINE"),
        hours=_line("AMENDS_OPERATOR_HOURS"),
        hours_en=_line("AMENDS_OPERATOR_HOURS_EN"),
        privacy_url=_address("AMENDS_OPERATOR_PRIVACY_URL"),
        regulator_contact=_line("AMENDS_OPERATOR_REGULATOR"),
        regulator_contact_en=_line("AMENDS_OPERATOR_REGULATOR_EN"),
    )


def _line(name: str) -> str:
    value = text(name)
    if len(value) > _LONGEST or not value.isprintable():
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s is one line of at most %(most)s characters."),
                name=name,
                most=_LONGEST,
            )
        )
    return value


def _hotline(name: str) -> str:
    value = text(name)
    if value and not HOTLINE.fullmatch(value):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "%(name)s is %(value)s; it is a telephone number, such as +86 10 5555 0100."
                ),
                name=name,
                value=repr(value),
            )
        )
    return value


def _address(name: str) -> str:
    value = text(name)
    try:
        parts = urlsplit(value)
        good = parts.scheme == "https" and bool(parts.hostname) and value.isprintable()
    except ValueError:
        good = False
    if value and not (good and " " not in value):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "%(name)s is %(value)s; it is the whole address of a page, such as "
                    "https://www.example.org/privacy."
                ),
                name=name,
                value=repr(value),
            )
        )
    return value
