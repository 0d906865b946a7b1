"""The bulletin as one HTML file that needs nothing else and prints well."""

from __future__ import annotations

from importlib.resources import files

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe

from amends.problems.indicators.rules.bulletin import Bulletin
from amends.problems.indicators.texts.documents.cells import shown


def as_html(bulletin: Bulletin) -> bytes:
    """The file, its style inside; no script."""
    with translation.override(bulletin.language):
        css = (files(__package__) / "document.css").read_text(encoding="utf-8")
        style = mark_safe(f"<style>{css}</style>")  # noqa: S308 - our own file
        context = {"made": bulletin, "tables": tables(bulletin), "style": style}
        return render_to_string("indicators/document.html", context).encode()


def tables(bulletin: Bulletin) -> list[dict[str, object]]:
    """The tables with their cells in words: (words, form) each, for templates."""
    return [
        {
            "section": section,
            "head": list(zip(section.header, section.forms, strict=True)),
            "rows": [
                [(shown(cell, form), form) for cell, form in zip(row, section.forms, strict=True)]
                for row in section.rows
            ],
        }
        for section in bulletin.sections
    ]
