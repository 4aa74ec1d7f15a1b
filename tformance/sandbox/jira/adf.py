"""Plain text as Atlassian's document format."""

import re

from tformance.sandbox.dataset import Row

_ADDRESS = re.compile(r"https?://\S+")


def document(text: str | None) -> Row | None:
    """Blank lines part paragraphs, lines that begin with a dash are a list, addresses are links; no text is None."""
    if not text:
        return None
    return {"type": "doc", "version": 1, "content": [_block(part) for part in re.split(r"\n{2,}", text.strip())]}


def _block(part: str) -> Row:
    lines = part.split("\n")
    if all(line.startswith("- ") for line in lines):
        items = [{"type": "listItem", "content": [_paragraph(line[2:])]} for line in lines]
        return {"type": "bulletList", "content": items}
    return _paragraph(part)


def _paragraph(text: str) -> Row:
    content: list[Row] = []
    for place, line in enumerate(text.split("\n")):
        content += [{"type": "hardBreak"}] if place else []
        content += _words(line)
    return {"type": "paragraph", "content": content}


def _words(line: str) -> list[Row]:
    found: list[Row] = []
    end = 0
    for match in _ADDRESS.finditer(line):
        found += [{"type": "text", "text": line[end : match.start()]}] if match.start() > end else []
        link = {"type": "link", "attrs": {"href": match[0]}}
        found.append({"type": "text", "text": match[0], "marks": [link]})
        end = match.end()
    return found + ([{"type": "text", "text": line[end:]}] if end < len(line) else [])
