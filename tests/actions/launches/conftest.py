"""The small operator of the tests of confirmations."""

from tests.actions.confirmations.conftest import in_english, shop

__all__ = ["in_english", "shop"]
