# Django has no types. These are the choices of Amends' models, so that a member is known to be a
# string; the rest of Django is `Any`.
import enum
from typing import Any, ClassVar

class TextChoices(str, enum.Enum):  # type: ignore[misc]  # noqa: UP042 (so Django writes it)
    @property
    def label(self) -> str: ...
    choices: ClassVar[list[tuple[str, str]]]
    labels: ClassVar[list[str]]
    names: ClassVar[list[str]]
    values: ClassVar[list[str]]

def __getattr__(name: str) -> Any: ...
