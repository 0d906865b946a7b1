"""Reading one entry of a rule file strictly: what is missing or misspelt is said, not guessed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.packs import Verified
from amends.platform.kit.terms import Term, UnableToCount

_NONE = object()


class UnableToReadDuties(BadInput):
    """A rule file of duties or texts cannot be used as it is."""

    code = "duties_malformed"


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A table of a rule file; `title` and `where` say in a refusal which one it is."""

    table: Mapping[str, Any]
    title: str
    where: str

    def refused(self, what: str, next_step: str, **values: object) -> UnableToReadDuties:
        """The refusal of this entry, to be raised; `values` are filled into its words."""
        return UnableToReadDuties(
            what,
            meaning=_("The file is not used, so that no notice follows an incomplete rule."),
            next_step=next_step,
            where=f"{self.where}: {self.title}",
            values=values,
        )

    def only(self, known_keys: Collection[str]) -> None:
        """Refuse keys that mean nothing here: a misspelt one would change a duty in silence."""
        if strangers := sorted(set(self.table) - set(known_keys)):
            raise self.refused(
                _("it has unknown keys: %(keys)s."),
                _("Correct the names."),
                keys=", ".join(strangers),
            )

    def text(self, key: str, *, default: str | None = None) -> str:
        """A text; without a default it must be there and say something."""
        value = self.table.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.refused(_("%(key)s is not a text."), _("State %(key)s."), key=key)
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words, empty where it is not given."""
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
            raise self.refused(
                _("%(key)s is not a list of words."), _('Write it like ["a", "b"].'), key=key
            )
        return tuple(value)

    def some_of(self, key: str, choices: Collection[str]) -> tuple[str, ...]:
        """A list whose words are all among `choices`."""
        chosen = self.words(key)
        if strangers := [choice for choice in chosen if choice not in choices]:
            raise self._unknown(key, strangers[0], choices)
        return chosen

    def one_of(self, key: str, choices: Collection[str], *, default: str | None = None) -> str:
        """One word among `choices`."""
        chosen = self.table.get(key, default)
        if chosen not in choices:
            raise self._unknown(key, chosen, choices)
        return str(chosen)

    def whole(self, key: str, *, default: int | None = None, minimum: int = 0) -> int:
        """A whole number, not below `least`."""
        value = self.table.get(key, _NONE if default is None else default)
        if type(value) is not int or value < minimum:
            raise self.refused(
                _("%(key)s is not a whole number from %(least)s on."),
                _("Correct %(key)s."),
                key=key,
                least=minimum,
            )
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.table.get(key, default)
        if not isinstance(value, bool):
            raise self.refused(
                _("%(key)s is neither true nor false."), _("Correct %(key)s."), key=key
            )
        return value

    def clock(self, key: str) -> time:
        """A local time of day."""
        value = self.table.get(key)
        if not isinstance(value, time):
            raise self.refused(
                _("%(key)s is not a time of day."), _("Write it like 21:00:00."), key=key
            )
        return value

    def term(self, amount: str) -> Term:
        """So many of the entry's `unit`."""
        try:
            return Term(self.whole(amount), self.text("unit"))
        except UnableToCount as why:
            raise self.refused(
                _("Time is not counted in “%(unit)s”."),
                _("Choose hours, calendar_days, months."),
                unit=self.table.get("unit"),
            ) from why

    def verified(self) -> Verified:
        """Whether the source was read: true, "press" or false."""
        value = self.table.get("verified")
        if isinstance(value, bool):
            return value
        if value != "press":
            raise self.refused(_("verified is not true, 'press' or false."), _("State it."))
        return "press"

    def _unknown(
        self, key: str, entry_value: object, choices: Collection[str]
    ) -> UnableToReadDuties:
        return self.refused(
            _("%(key)s is “%(given)s”, which is not known."),
            _("Choose one of %(known)s."),
            key=key,
            given=entry_value,
            known=", ".join(choice for choice in choices if choice),
        )
