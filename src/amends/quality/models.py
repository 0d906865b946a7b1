"""Speed tests as their measurement server signed them."""

from __future__ import annotations
