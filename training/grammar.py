"""Texts from templates: `[one|or another]`, `{slot}`, sections headed `# code`.

A template is written once and read many ways; the seed decides which, so the same seed always
gives the same texts.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

Node = str | list[list["Node"]] | tuple[str]
"""Text, a choice between sequences, or the name of a slot."""


@dataclass(slots=True)
class Grammar:
    """Templates of one language by section, and the slots they share."""

    language: str
    sections: dict[str, list[list[Node]]] = field(default_factory=dict)
    slots: dict[str, list[list[Node]]] = field(default_factory=dict)

    def say(self, template: list[Node], chance: random.Random) -> str:
        """One reading of `template`."""
        text = "".join(self._read(node, chance) for node in template)
        return re.sub(r"\s+", " ", text).strip()

    def _read(self, node: Node, chance: random.Random) -> str:
        if isinstance(node, str):
            return node
        options = self.slots[node[0]] if isinstance(node, tuple) else node
        return "".join(self._read(part, chance) for part in chance.choice(options))


def read_grammar(folder: Path) -> Grammar:
    """The grammar written in the text files of `folder`."""
    grammar = Grammar(language=folder.name)
    for path in sorted(folder.glob("*.txt")):
        section = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            line = line.strip()
            slot = re.fullmatch(r"(\w+) = (.*)", line)
            heading = re.fullmatch(r"#+ ?([a-z_.]+)", line)
            if not line or (line.startswith("# ") and not heading):
                continue
            try:
                if heading:
                    section = heading[1]
                elif slot and slot[1].isascii():
                    grammar.slots[slot[1]] = [_parse(part.strip()) for part in slot[2].split("|")]
                else:
                    grammar.sections.setdefault(section, []).append(_parse(line))
            except ValueError as error:
                raise ValueError(f"{path.name}:{number}: {error}") from error
    return grammar


def _parse(line: str) -> list[Node]:
    """The nodes of one template."""
    stack: list[list[list[Node]]] = [[[]]]
    for piece in re.findall(r"\[|\]|\||\{\w+\}|[^\[\]|{}]+", line):
        if piece == "[":
            stack.append([[]])
        elif piece == "|":
            if len(stack) == 1:
                raise ValueError("a '|' outside brackets")
            stack[-1].append([])
        elif piece == "]":
            if len(stack) == 1:
                raise ValueError("a ']' too many")
            choice = stack.pop()
            stack[-1][-1].append(choice)
        elif piece.startswith("{"):
            stack[-1][-1].append((piece[1:-1],))
        else:
            stack[-1][-1].append(piece)
    if len(stack) != 1:
        raise ValueError("a '[' is not closed")
    return stack[0][0]
