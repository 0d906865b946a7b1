"""Queries for other apps: articles for a question, and their filled texts."""

from __future__ import annotations

from amends.work.knowledge.queries.articles import ArticleAnswer as ArticleAnswer
from amends.work.knowledge.queries.articles import FilledArticle as FilledArticle
from amends.work.knowledge.queries.articles import FoundArticle as FoundArticle
from amends.work.knowledge.queries.articles import answer as answer
from amends.work.knowledge.queries.articles import articles_answering as articles_answering
from amends.work.knowledge.queries.articles import filled as filled
from amends.work.knowledge.queries.articles import published_texts as published_texts
from amends.work.knowledge.queries.articles import search as search
