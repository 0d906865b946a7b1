"""The sheet a dossier is written on: rows and grounds, added one question at a time."""

from __future__ import annotations

from collections.abc import Iterable

from amends.decisions.dossier.model import Answer, Ground, Row
from amends.decisions.dossier.texts import Both, Questions, Texts, Values
from amends.decisions.evidence_account import Account, AccountCharge

Gaps = list[tuple[int, int]]


class Sheet:
    """Collects the rows of one dossier. `account` and `texts` are what questions read."""

    def __init__(self, account: Account, data: Questions) -> None:
        self.account = account
        self.data = data
        self.texts = Texts(data, account)
        self.rows: list[Row] = []
        self.grounds: list[Ground] = []

    @property
    def asks_network(self) -> bool:
        """Whether a question of the classes is whether the network failed."""
        matter = self.account.matter
        asked = (self.data.by_class.get(code, ()) for code in (matter.code, matter.code2))
        return any("incident_cleared" in questions for questions in asked)

    @property
    def window(self) -> tuple[int, int]:
        """The part of the period in which charges may still be disputed."""
        return self.account.window_ms, self.account.until_ms

    def number(self, name: str) -> int:
        """A figure of the dated data, its unit in its name."""
        return self.data.numbers[name]

    def row(
        self,
        question: str,
        answer: Answer,
        said: Both,
        *,
        about: str = "",
        source: str = "",
        facts: Iterable[str] = (),
        period: tuple[int, int] | None = None,
        gaps: Gaps | None = None,
        conflicting: bool = False,
        coverage: Iterable[str] = (),
        unruled: bool = False,
        technology: str = "",
        open_why: str = "",
    ) -> None:
        """Add a row; `gaps` are turned into the note that goes with `not_covered`."""
        start, end = period or self.window
        stated_by = source or self.data.sources[question]
        gap = self.texts.gap(stated_by, gaps) if gaps else ("", "")
        asked = self.data.asked[question]
        self.rows.append(
            Row(
                question,
                about,
                answer,
                said[0],
                said[1],
                stated_by,
                tuple(facts),
                start,
                end,
                gap[0],
                gap[1],
                conflicting,
                asked[0],
                asked[1],
                tuple(coverage),
                unruled,
                technology,
                open_why,
            )
        )

    def silence(
        self,
        question: str,
        key: str,
        *,
        kinds: tuple[str, ...],
        period: tuple[int, int],
        about: str = "",
        facts: Iterable[str] = (),
        source: str = "",
        values: Values | None = None,
    ) -> bool:
        """Nothing was found: add a row that says whether that silence is evidence.

        The sentences are `<key>.nothing_found` and `<key>.not_covered`; both know `{start}` and
        `{end}`. Returns whether the source covers the whole period.
        """
        stated_by = source or self.data.sources[question]
        gaps = self.account.gaps(kinds, *period)
        answer: Answer = "not_covered" if gaps else "nothing_found"
        said = self.texts.say(
            f"{key}.{answer}",
            start=self.texts.when(period[0]),
            end=self.texts.when(period[1]),
            **(values or {}),
        )
        self.row(
            question,
            answer,
            said,
            about=about,
            source=stated_by,
            facts=facts,
            period=period,
            gaps=gaps,
            coverage=self.account.stated(kinds, *period),
        )
        return not gaps

    def ground(
        self,
        ground: str,
        question: str,
        charge: AccountCharge,
        *,
        about: str,
        event_at_ms: int,
        excess_minor: int,
        facts: Iterable[str] = (),
    ) -> None:
        """State that `excess_minor` of a charge is not supported by the facts."""
        zh, en = self._what_for(charge)
        self.grounds.append(
            Ground(
                ground=ground,
                question=question,
                about=about,
                service=charge.service,
                charge=charge.ref,
                charged_at_ms=charge.at_ms,
                event_at_ms=event_at_ms,
                amount_minor=charge.amount_minor,
                excess_minor=excess_minor,
                refunded_minor=charge.refunded_minor,
                currency=charge.currency,
                facts=(charge.fact, *facts, *charge.refund_facts),
                zh=zh,
                en=en,
            )
        )

    def _what_for(self, charge: AccountCharge) -> Both:
        """The offer a charge was made for, or the kind of charge where its offer has no name."""
        zh, en = self.texts.name(charge.offer)
        if zh == charge.offer:
            return self.texts.word("charge_kind", charge.kind)
        return f"“{zh}”费用", f"“{en}”"
