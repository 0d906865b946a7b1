"""The fixtures of hot issues hold here too."""

from tests.actions.hotissues.conftest import crowd, fewer_drawn, in_english

__all__ = ["crowd", "fewer_drawn", "in_english"]
