"""Compilation where numba is there; without it the same functions run as plain Python, slower."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])

try:
    from numba import njit as njit
except ImportError:  # pragma: no cover - the dependency is declared; some machines lack LLVM

    def njit(**_: Any) -> Callable[[_Function], _Function]:  # type: ignore[no-redef]
        """Leave the function as it is."""
        return lambda function: function
