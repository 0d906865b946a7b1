"""The new words of a reply: what somebody wrote now, without the history under it."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_LINES = 20_000
_LINE = 500  # a line that introduces history is short; longer lines are prose

_QUOTED = re.compile(r"^\s{0,3}(?:[>＞]|&gt;)")
# A rule with words in it, as mail programs draw it above history.
_RULE = re.compile(
    r"^(?:-{2,}|—{2,}|_{2,}|\*{2,}|={2,})\s*"
    r"(?:原始邮件|原邮件|回复的原邮件|回复的邮件|历史邮件|邮件原件|original message|"
    r"original-nachricht|replied message|original email|message d'origine)\s*"
    r"(?:-{2,}|—{2,}|_{2,}|\*{2,}|={2,})?\s*$",
    re.I,
)
_FORWARD = re.compile(
    r"^(?:-{2,}|—{2,})?\s*(?:forwarded message|begin forwarded message:?|forwarded by|"
    r"转发的?邮件|转发邮件信息|以下是转发的邮件|转发的信息)\s*:?\s*(?:-{2,}|—{2,})?\s*$",
    re.I,
)
# "On Fri, 1 May 2026 at 10:00, Ann <a@example.com> wrote:", also over two or three lines.
# An address or a time of day must stand in it: "On 3 May your agent wrote:" is a complaint's prose.
_WROTE = re.compile(
    r"^(?:(?:on|at)\b(?=.*(?:@|\d{1,2}[:.]\d{2})).{4,300}\bwrote\s*:|"
    r".{0,200}<[^<>\s@]{1,200}@[^<>\s]{1,200}>.{0,200}(?:写道|寫道|写到)\s*[:：]|"
    r"[在于]\s*\d{4}.{2,40}\d{1,2}[:：]\d{2}.{0,200}(?:写道|寫道|写到|的邮件中写道)\s*[:：]|"
    r".{0,200}<[^<>\s@]{1,200}@[^<>\s]{1,200}>\s+wrote\s*:)\s*$",
    re.I,
)
_WROTE_STARTS = re.compile(r"^(?:on\b.{3,}|[在于]\s*\d{4}.{3,}|.{0,100}\d{4}\s*年.{3,})", re.I)
_HEADER = re.compile(
    r"^[\s*>|]*(?:from|sent|date|to|cc|subject|reply-to|发件人|发送时间|发送日期|日期|时间|收件人|"
    r"抄送人?|主题|寄件者|收件者|寄件日期|主旨)\s*\**\s*[:：]",
    re.I,
)
_HEADER_FIRST = re.compile(r"^[\s*>|]*(?:from|发件人|寄件者|de|von)\s*\**\s*[:：]", re.I)
_LINE_RULE = re.compile(r"^\s*[-_—=*]{5,}\s*$")
_SIGNATURE = re.compile(r"^-- ?$")
_SENT_FROM = re.compile(
    r"^\s*(?:sent from (?:my|mail for|outlook for|yahoo)\b.{0,60}|get outlook for \w+.{0,60}|"
    r"发自我的\s*.{1,30}|来自我的\s*.{1,30}|从我的\s*.{1,20}发送|发送自\s*.{1,40}|"
    r"通过.{1,20}邮箱.{0,10}发送|发自.{1,20}(?:邮箱|大师|mail).{0,10})\s*$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class ReplyText:
    """`new`: what the sender wrote now. `history`: what stands quoted under or between it."""

    new: str
    history: str


def new_words(text: str) -> ReplyText:
    """Part a reply from its history, in Chinese and English mail programs' forms.

    A forwarded mail is not history: somebody shows it to us. If nothing but history is left, the
    whole text counts as new, for a complaint must not be lost in a heading.

    >>> new_words("没有解决！\\n在 2026-05-01 10:00，客服 <a@example.com> 写道：\\n> 已处理").new
    '没有解决！'
    >>> new_words("> Is it solved?\\nNo, it is not.").new
    'No, it is not.'
    """
    lines = text.split("\n")[:MAX_LINES]
    new_lines: list[str] = []
    history: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if len(line) > _LINE:
            new_lines.append(line)
            at += 1
            continue
        if _QUOTED.match(line):
            history.append(line)
            at += 1
            continue
        if _FORWARD.match(line.strip()):
            new_lines.extend(lines[at:])
            break
        length = _introduction(lines, at)
        if length:
            next_index = at + length
            history.extend(lines[at:next_index])
            if not _next_is_quoted(lines, next_index):
                history.extend(lines[next_index:])
                break
            at = next_index
            continue
        if _SIGNATURE.match(line):
            at = _after_signature(lines, at, history)
            continue
        (history if _SENT_FROM.match(line) else new_lines).append(line)
        at += 1
    new = "\n".join(new_lines).strip()
    new = re.sub(r"\n{3,}", "\n\n", new)
    if not new:
        return ReplyText(_unquoted(text).strip(), "")
    return ReplyText(new, "\n".join(history).strip())


def _introduction(lines: list[str], at: int) -> int:
    """How many lines from `at` introduce history; 0 if they do not."""
    line = lines[at].strip()
    if _RULE.match(line):
        return 1 + _header_block(lines, at + 1)
    if _WROTE.match(line):
        return 1
    if _WROTE_STARTS.match(line):
        for more in (1, 2):
            part = lines[at : at + more + 1]
            if sum(map(len, part)) <= _LINE and _WROTE.match(" ".join(p.strip() for p in part)):
                return more + 1
    start = at
    if _LINE_RULE.match(line):
        start = at + 1
        while start < len(lines) and not lines[start].strip():
            start += 1
    if start < len(lines) and _HEADER_FIRST.match(lines[start][:_LINE]):
        block = _header_block(lines, start)
        if block >= 3:
            return start - at + block
    return 0


def _header_block(lines: list[str], at: int) -> int:
    """How many of the lines from `at` repeat the headers of a mail (blank lines between count)."""
    header_count = last = 0
    for offset, line in enumerate(lines[at : at + 16]):
        if _HEADER.match(line[:_LINE]):
            header_count += 1
            last = offset + 1
        elif line.strip():
            break
    return last if header_count >= 3 else 0


def _next_is_quoted(lines: list[str], at: int) -> bool:
    """Whether the next line with words is marked as quoted, so that new words may follow it."""
    for line in lines[at : at + 4]:
        if line.strip():
            return bool(_QUOTED.match(line))
    return False


def _after_signature(lines: list[str], at: int, history: list[str]) -> int:
    """Skip a signature: at most ten lines, up to where history begins."""
    end = at + 1
    while end < len(lines) and end <= at + 10:
        if _QUOTED.match(lines[end][:_LINE]) or _introduction(lines, end):
            break
        end += 1
    history.extend(lines[at:end])
    return end


def _unquoted(text: str) -> str:
    return "\n".join(re.sub(r"^(?:\s{0,3}[>＞])+ ?", "", line) for line in text.split("\n"))
