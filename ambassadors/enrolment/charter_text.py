"""A charter's plain text, as the few things a page needs: headings, lists, paragraphs.

## A heading
1. A rule              numbered, one a line
- A point              one a line
Anything else is a paragraph; a blank line ends whatever came before.
"""

import re
from dataclasses import dataclass, field

HEADING, RULE, POINT = re.compile(r"##\s+"), re.compile(r"\d+\.\s+"), re.compile(r"-\s+")
KINDS = (("heading", HEADING), ("rules", RULE), ("points", POINT))


@dataclass
class Block:
    """kind: "heading", "rules", "points" or "paragraph". lines: its words, marks taken off."""

    kind: str
    lines: list[str] = field(default_factory=list)


def blocks(text: str) -> list[Block]:
    """`text` as a list of Block; nothing in it is markup, all of it is to be escaped."""
    found: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        for line in paragraph.splitlines():
            kind, words = _read(line.strip())
            if not found or found[-1].kind != kind or kind == "heading":
                found.append(Block(kind))
            found[-1].lines.append(words)
        # An ended paragraph takes no more lines; lists go on.
        if found and found[-1].kind == "paragraph":
            found.append(Block("end"))
    return [block for block in found if block.lines]


def _read(line):
    for kind, mark in KINDS:
        if match := mark.match(line):
            return kind, line[match.end() :]
    return "paragraph", line
