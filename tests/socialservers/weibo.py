"""Weibo as its documentation describes it: lists by since_id and page, comments, errors.

Pages of open.weibo.com: C/2/statuses/mentions/biz, C/2/comments/to_me/biz, 2/comments/create,
C/2/comments/reply/biz, Send_Customer_Service_Message, Error_code.
"""

from __future__ import annotations

import json
from typing import Any

from tests.socialservers.platform import Asked

DESK, TOKEN = 2000000001, "token-of-the-desk"


class Weibo:
    """Statuses and comments by id; `fails` maps a path to (status, document)."""

    def __init__(self) -> None:
        self.statuses: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, dict[str, Any]] = {}
        self.fails: dict[str, tuple[int, Any] | None] = {}
        self.messages: list[dict[str, Any]] = []

    def mention(self, number: int, text: str, *, user: int = 42, repeats: int = 0) -> None:
        row = self._row(number, text, user)
        if repeats:
            row["retweeted_status"] = self.statuses[repeats]
        self.statuses[number] = row

    def comment(self, number: int, text: str, *, below: int, user: int = 42) -> None:
        self.comments[number] = self._row(number, text, user) | {"status": {"id": below}}

    def _row(self, number: int, text: str, user: int) -> dict[str, Any]:
        return {
            "id": number,
            "idstr": str(number),
            "text": text,
            "created_at": "Fri Nov 27 08:30:00 +0800 2026",
            "user": {"id": user, "screen_name": "小林"},
        }

    def __call__(self, method: str, path: str, fields: Asked) -> tuple[int, Any] | None:
        if path in self.fails:
            return self.fails[path]
        if fields.get("access_token") != TOKEN:
            return 403, {"error": "invalid_access_token", "error_code": 21332, "request": path}
        if path == "/2/statuses/mentions/biz.json":
            return 200, {"statuses": _page(self.statuses, fields)}
        if path == "/2/comments/to_me/biz.json":
            return 200, {"comments": _page(self.comments, fields)}
        if path == "/2/comments/show_batch.json":
            wanted = [int(one) for one in fields["cids"].split(",")]
            return 200, [self.comments[one] for one in wanted if one in self.comments]
        if path == "/2/statuses/show_batch/biz.json":
            wanted = [int(one) for one in fields["ids"].split(",")]
            return 200, {"statuses": [self.statuses[one] for one in wanted if one in self.statuses]}
        if path == "/2/comments/show.json":
            below = [c for c in self.comments.values() if c["status"]["id"] == int(fields["id"])]
            return 200, {"comments": below}
        if method == "POST" and path in (
            "/2/comments/create.json",
            "/2/comments/reply/biz.json",
        ):
            return self._write_comment(path, fields)
        if method == "POST" and path == "/2/messages/reply.json":
            self.messages.append(json.loads(fields["data"]) | {"to": fields["receiver_id"]})
            return 200, {"result": True}
        return 404, {"error": "Request Api not found!", "error_code": 10020, "request": path}

    def _write_comment(self, path: str, fields: Asked) -> tuple[int, Any]:
        if not fields.get("rip"):
            return 400, {"error": "miss required parameter (rip)", "error_code": 10016}
        if int(fields["id"]) not in self.statuses:
            return 400, {"error": "target weibo does not exist!", "error_code": "20101"}
        number = 9000 + len(self.comments)
        self.comment(number, fields["comment"], below=int(fields["id"]), user=DESK)
        return 200, self.comments[number]


def _page(rows: dict[int, dict[str, Any]], fields: Asked) -> list[dict[str, Any]]:
    newer = sorted((n for n in rows if n > int(fields.get("since_id", 0))), reverse=True)
    count, page = int(fields["count"]), int(fields["page"])
    return [rows[n] for n in newer[(page - 1) * count : page * count]]
