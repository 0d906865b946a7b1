"""The operator's table of roles says what the rules of access say."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from amends.people.access.queries.rights import rules_on
from amends.platform.kit.packs import load_rules

PAGE = Path(__file__).parents[2] / "docs" / "operator" / "sign-in.md"
DAY = date(2026, 11, 25)


def table() -> str:
    """A line a role: who, what it may do with people's data, which permissions of pages it has."""
    data = load_rules("amends.people.access", "access", DAY).data
    rules = rules_on(DAY)
    lines = ["| role | who | with people's data | pages and actions |", "|---|---|---|---|"]
    for role in data["roles"]:
        if not role.get("person", True):
            continue
        own = [one for one in data["rights"] if role["id"] in one["roles"]]
        verbs = ", ".join(dict.fromkeys(verb for one in own for verb in one["verbs"]))
        pages = ", ".join(
            f"`{page['id']}`" for page in data["pages"] if role["id"] in rules.pages[page["id"]]
        )
        lines.append(f"| `{role['id']}` | {role['en']} | {verbs or 'nothing'} | {pages or '—'} |")
    return "\n".join(lines)


def test_the_page_lists_every_role_with_its_rights() -> None:
    renew = "put in its place what `python -m tests.docs.test_roles_page` prints"
    assert table() in PAGE.read_text(encoding="utf-8"), renew


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write(f"{table()}\n")
