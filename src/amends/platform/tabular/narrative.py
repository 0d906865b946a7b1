"""What a row says: title, text and details in this order; where they are empty, its topics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from amends.platform.tabular.columns import ChosenColumns, ColumnRole, role
from amends.platform.tabular.plain_text import plain_text

SAID = ("title", "text", "details")
TOPIC = "topic"


def narrative_roles(*, by_values: bool = True) -> tuple[ColumnRole, ...]:
    """The roles a text is put together from.

    by_values  whether a column of sentences is a text, whatever it is called
    """
    return (role("title"), role("text", by_values=by_values), role("details"), role(TOPIC))


@dataclass(frozen=True, slots=True)
class Narrative:
    """The columns a text is put together from.

    columns  what is said
    topics   what stands in where a row says nothing
    """

    columns: tuple[str, ...]
    topics: tuple[str, ...]
    _places: tuple[int, ...]
    _topic_places: tuple[int, ...]

    def of(self, row: Sequence[str]) -> str:
        """The text of a row, plain; "" if it has none."""
        passages: list[str] = []
        for index in self._places:
            passage = plain_text(row[index].strip())
            # A title often is the beginning of the text, or all of it.
            if passage and not any(passage in earlier for earlier in passages):
                passages = [
                    earlier for earlier in passages if not passage.startswith(earlier.rstrip(".…"))
                ]
                passages.append(passage)
        if passages:
            return "\n\n".join(passages)
        topics = (plain_text(row[index].strip()) for index in self._topic_places)
        return " / ".join(dict.fromkeys(filter(None, topics)))

    def texts(self, rows: Sequence[Sequence[str]]) -> list[str]:
        """The texts of many rows."""
        return [self.of(row) for row in rows]


def narrative(header: Sequence[str], chosen_columns: ChosenColumns, *, text: str = "") -> Narrative:
    """How texts are put together from the columns that were found.

    text  the one column that was named: it is the text alone
    """
    columns = (text,) if text else tuple(chosen_columns.of(*SAID))
    topics = () if text else tuple(chosen_columns.of(TOPIC))
    return Narrative(
        columns=columns,
        topics=topics,
        _places=tuple(map(header.index, columns)),
        _topic_places=tuple(map(header.index, topics)),
    )
