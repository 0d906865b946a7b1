"""Articles of other help centres: Markdown, HTML with scripts, Zendesk exports, broken files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.second_person import approve_waiting

from amends.platform.kit.actors import Actor
from amends.work.knowledge.actions.import_articles import (
    UnableToImportArticles,
    export_articles,
    import_articles,
)
from amends.work.knowledge.models import ArticleVersion, HelpArticle
from amends.work.knowledge.queries import filled

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
MANAGER = Actor("user", "usr-manager", ("manager",))


def bring_in(path: Path, *, publish: bool = True) -> object:
    """Import a path."""
    found = import_articles(
        path, language="", category="services", publish=publish, actor=MANAGER, now=NOW
    )
    approve_waiting("article", now=NOW)
    return found


def test_a_folder_is_imported_once_and_only_text_of_html_remains(tmp_path: Path) -> None:
    (tmp_path / "stop.md").write_text("---\nlang: zh-CN\n---\n# 退订业务\n点停用，5元。", "utf-8")
    (tmp_path / "bill.html").write_text(
        "<html lang=en><title>Your bill</title><body onload=x()><h1>Your bill</h1><script>evil()"
        "</script><p style='display:none'>hidden</p><p>Lists your fees.</p>"
        "<a href='javascript:evil()'>more</a></body></html>",
        "utf-8",
    )
    (tmp_path / "empty.md").write_text("# Only a title\n", "utf-8")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    found = bring_in(tmp_path)
    assert (found.read, found.accepted, found.unchanged, found.rejected) == (3, 2, 0, 1)
    again = bring_in(tmp_path)
    assert (again.read, again.accepted, again.unchanged, again.rejected) == (3, 0, 2, 1)
    text = ArticleVersion.objects.get(article="your-bill").text
    assert "Lists your fees." in text
    assert not {"evil", "hidden", "<"} & set(text.replace("(", " ").split())
    assert "evil" not in text
    assert filled("your-bill", "en") is not None


def test_a_zendesk_export_with_translations(tmp_path: Path) -> None:
    rows = [
        {
            "id": 360,
            "locale": "en-us",
            "title": "Stop a service",
            "body": "<p>Press <b>Stop</b>.</p>",
        },
        {
            "id": 361,
            "source_id": 360,
            "locale": "zh-cn",
            "title": "退订业务",
            "body": "<p>点停用。</p>",
        },
        {"id": 362, "locale": "en-us", "title": "Draft", "body": "x", "draft": True},
    ]
    file = tmp_path / "export.json"
    file.write_text(json.dumps({"articles": rows}), "utf-8")
    bring_in(file)
    assert HelpArticle.objects.get().slug == "stop-a-service"
    assert set(ArticleVersion.objects.values_list("language", flat=True)) == {"en", "zh"}
    out = tmp_path / "out.jsonl"
    assert export_articles(out).versions == 2
    assert [json.loads(line)["article"] for line in out.read_text("utf-8").splitlines()] == [
        "stop-a-service",
        "stop-a-service",
    ]


@pytest.mark.parametrize("content", ["[[[", '{"tickets": []}', '{"articles": 3}', ""])
def test_a_broken_export_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "export.json"
    file.write_text(content, "utf-8")
    with pytest.raises(UnableToImportArticles):
        bring_in(file)
    assert not HelpArticle.objects.exists()


def test_an_article_restricted_in_zendesk_is_not_published_to_the_public(tmp_path: Path) -> None:
    row = {"id": 7, "locale": "en-us", "title": "Goodwill limits", "body": "Up to 50."}
    file = tmp_path / "articles.json"
    file.write_text(json.dumps({"articles": [row | {"user_segment_id": 5}]}), "utf-8")
    assert bring_in(file).accepted == 1
    assert HelpArticle.objects.get(slug="goodwill-limits").audience == "desk"
    assert filled("goodwill-limits", "en") is None


def test_a_long_article_and_a_folder_with_a_broken_file_are_refused_whole(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Long\n" + "x " * 20_000, "utf-8")
    (tmp_path / "b.md").write_text("# Short one\nText.", "utf-8")
    found = bring_in(tmp_path)
    assert (found.read, found.accepted, found.rejected) == (2, 1, 1)
    (tmp_path / "c.md").write_text("# Another\nText.", "utf-8")
    (tmp_path / "d.json").write_text('{"articles":', "utf-8")
    with pytest.raises(UnableToImportArticles):
        bring_in(tmp_path)
    assert HelpArticle.objects.filter(slug="short-one").exists()
    assert not HelpArticle.objects.filter(slug="another").exists()


@pytest.mark.parametrize("field", ["title", "body"])
def test_half_of_a_character_refuses_its_article_and_no_other(tmp_path: Path, field: str) -> None:
    rows = [
        {"id": 8, "locale": "en-us", "title": "Roaming", "body": "Dial *100#."}
        | {field: "a\ud800b"},
        {"id": 9, "locale": "en-us", "title": "Stop a service", "body": "Press Stop."},
    ]
    file = tmp_path / "articles.json"
    file.write_text(json.dumps({"articles": rows}), "ascii")
    found = bring_in(file)
    assert (found.read, found.accepted, found.rejected) == (2, 1, 1)
    (rejected,) = found.rejects
    assert rejected.ref == "8"
    assert "cannot be stored" in rejected.reason
