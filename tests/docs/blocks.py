"""The blocks of a page, and what is done with each.

A comment before a fence says what a reader would do with it: <!-- test: file=server.mjs -->. Nothing is
hidden: what a page has in other comments, in included files or in lines that are not shown would be run,
and not be read.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FLAGS = {"aws", "background", "lambda", "not-run", "receiver", "stop"}
VALUES = {"by", "exit", "file", "path", "port", "prints", "run", "schema", "why"}
SHELL = {"console", "sh"}
# Forms, trees and pictures, in which there is nothing to run.
TEXT = {"mermaid", "text"}

FENCE = re.compile(r"(?P<indent> *)(?P<fence>`{3,}|~{3,})(?P<info>.*)")
DIRECTIVE = re.compile(r"\s*<!--\s*test:(?P<text>.*?)-->\s*")
# Where a script writes a part of a page, or all of it.
MARKER = re.compile(r"\s*<!--\s*(?:[\w-]+:(?:begin|end)|Made by scripts/[\w-]+: do not edit\.)\s*-->\s*")


class Mistake(Exception):
    """A page that does not hold, and where."""

    def __init__(self, page: str, line: int, why: str) -> None:
        super().__init__(f"{page}:{line}: {why}")


@dataclass(frozen=True)
class Directive:
    """What a comment says of the fence below it."""

    flags: frozenset[str] = frozenset()
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Block:
    page: str
    # That of the fence.
    line: int
    language: str
    text: str
    directive: Directive = Directive()

    def has(self, flag: str) -> bool:
        return flag in self.directive.flags

    def value(self, name: str) -> str | None:
        return self.directive.values.get(name)

    def mistake(self, why: str, below: int = 0) -> Mistake:
        """What is wrong with it, so many lines below its fence."""
        return Mistake(self.page, self.line + below, why)


def documents(root: Path) -> list[Path]:
    """The pages of a repository whose blocks are run."""
    patterns = ("README.md", "docs/src/**/*.md", "wasm-adapter/js/README.md", "edge/README.md")
    return [path for pattern in patterns for path in sorted(root.glob(pattern))]


def of_file(path: Path, root: Path) -> list[Block]:
    return list(of_text(str(path.relative_to(root)), path.read_text()))


def of_text(page: str, text: str) -> Iterator[Block]:
    """Every fenced block of a page, with its directive."""
    directive: tuple[int, Directive] | None = None
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        opened = FENCE.fullmatch(line)
        if opened:
            inner = [within for _, within in _until(opened["fence"], lines, page, number)]
            block = Block(
                page,
                number,
                opened["info"].strip(),
                "".join(f"{_unindented(within, opened['indent'])}\n" for within in inner),
                directive[1] if directive else Directive(),
            )
            directive = None
            yield _checked(block)
            continue
        if directive and line.strip():
            raise Mistake(page, directive[0], "a directive stands before a block, and nothing is between them")
        said = DIRECTIVE.fullmatch(line)
        if said:
            directive = number, _directive(page, number, said["text"])
        elif "<!--" in line and not MARKER.fullmatch(line):
            raise Mistake(page, number, "a comment is hidden from who reads the page, and says no `test:`")
        elif "{{#" in line:
            raise Mistake(page, number, "what is included is not on the page, as GitHub shows it")
    if directive:
        raise Mistake(page, directive[0], "a directive stands before a block")


def _until(fence: str, lines: Iterator[tuple[int, str]], page: str, opened: int) -> Iterator[tuple[int, str]]:
    closing = re.compile(rf" *{re.escape(fence[0])}{{{len(fence)},}} *")
    for number, line in lines:
        if closing.fullmatch(line):
            return
        yield number, line
    raise Mistake(page, opened, "the block is not closed")


def _unindented(line: str, indent: str) -> str:
    return line.removeprefix(indent) if line.startswith(indent) else line.lstrip(" ")


def _directive(page: str, line: int, text: str) -> Directive:
    flags, values = set(), {}
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise Mistake(page, line, f"the directive cannot be read: {error}") from None
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in VALUES:
            values[name] = value
        elif not equals and name in FLAGS:
            flags.add(name)
        else:
            raise Mistake(page, line, f"no directive is called {word!r}")
    return Directive(frozenset(flags), values)


def _checked(block: Block) -> Block:
    """A block of which it is known what is done with it."""
    if "{{#" in block.text:
        raise block.mistake("what is included is not on the page, as GitHub shows it")
    if block.has("not-run"):
        if not block.value("why"):
            raise block.mistake('a block that is not run says why="…"')
        return block
    if block.has("receiver"):
        for name in ("file", "run", *([] if block.has("lambda") else ["port", "path"])):
            if not block.value(name):
                raise block.mistake(f"a receiver says {name}=…")
    if block.language == "rust" and (hidden := re.search(r"^\s*#( |$)", block.text, re.MULTILINE)):
        raise block.mistake(
            "a line is hidden from who reads it as rustdoc does", block.text[: hidden.start()].count("\n") + 1
        )
    if not (block.directive.values.keys() & {"file", "by", "schema"} or block.language in SHELL | TEXT):
        raise block.mistake(
            f"nothing is done with a block in {block.language or 'no language'}: say file=NAME, by=TEST or not-run"
        )
    return block
