from collections.abc import Mapping, Sequence
from typing import Any

def reverse(
    viewname: str,
    urlconf: str | None = None,
    args: Sequence[Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    current_app: str | None = None,
    *,
    query: Mapping[str, Any] | None = None,
    fragment: str | None = None,
) -> str: ...
def __getattr__(name: str) -> Any: ...
