"""Titles and sentences of the rules of decisions."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.engines.decisions.rulings.book import book
from amends.people.access.web.signs import in_words
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.packs import jurisdictions


@dataclass(frozen=True, slots=True)
class RuleWords:
    """Short title and sentence of a decision's rule; `title` is never empty."""

    title: str
    text: str


def rule_words(rule: str) -> RuleWords:
    """What a decision's rule is called and says; its id where it is of no pack in force.

    A rule of a province is named after its overlay, which the pack of the country does not hold.
    """
    rule_book = book(settings.JURISDICTION, timezone.localdate())
    overlay = rule.partition(".")[0]
    books = [rule_book]
    if overlay != settings.JURISDICTION and overlay in jurisdictions():
        books.append(book(overlay, timezone.localdate()))
    for searched_book in books:
        rules_by_id = {each.id: each for rules in searched_book.rules.values() for each in rules}
        if rule in rules_by_id:
            rule_entry = rules_by_id[rule]
            title = rule_entry.title_zh if is_chinese(get_language() or "") else rule_entry.title_en
            return RuleWords(title, in_words(rule_entry))
    verb, _dot, ground = rule.partition(".")
    verbs = {"refuted": _("refuted: %(ground)s"), "settled": _("already refunded: %(ground)s")}
    if verb in verbs and ground in rule_book.grounds:
        return RuleWords(verbs[verb] % {"ground": in_words(rule_book.grounds[ground])}, "")
    return RuleWords(rule, "")
