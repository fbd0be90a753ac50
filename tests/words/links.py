"""Prints which link of a document leads nowhere, and which page the book does not list: links.py

A link of a Markdown file leads to a file or folder of this repository, to a heading, or out to the web,
which nobody here looks at. GitHub and mdBook name a heading alike.
"""

import dataclasses
import pathlib
import posixpath
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
BOOK = "docs/src/"
SUMMARY = BOOK + "SUMMARY.md"

FENCED = re.compile(r"^( *)(`{3,}|~{3,})[^\n]*\n.*?^ *\2`* *$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^\s()<>]+(?:\([^\s()]*\)[^\s()]*)?)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^ {0,3}\[[^\]\n]+\]:\s+<?(\S+?)>?\s*$", re.MULTILINE)
ATTRIBUTE = re.compile(r"<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)=\"([^\"]+)\"")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
PLACE = re.compile(r"<a\b[^>]*?\b(?:id|name)=\"([^\"]+)\"")
# Names of Rust, which rustdoc links, and the web.
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|\w+::|Self\b", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Document:
    """A Markdown file: its links, each with its line, and the places that links may name."""

    path: str
    links: tuple[tuple[int, str], ...]
    places: frozenset[str]

    @classmethod
    def read(cls, path: str, text: str) -> "Document":
        bare = without(COMMENT, without(FENCED, text))
        headings = Counter[str]()
        places = set(PLACE.findall(bare))
        for heading in HEADING.findall(bare):
            name = named(heading)
            places.add(f"{name}-{headings[name]}" if headings[name] else name)
            headings[name] += 1
        prose = without(CODE, bare)
        found = sorted(
            (prose.count("\n", 0, link.start()) + 1, link[1])
            for pattern in (LINK, REFERENCE, ATTRIBUTE)
            for link in pattern.finditer(prose)
        )
        return cls(path, tuple(found), frozenset(places))


def without(pattern: re.Pattern[str], text: str) -> str:
    """The text with what the pattern finds left out, in as many lines."""
    return pattern.sub(lambda found: "\n" * found[0].count("\n"), text)


def named(heading: str) -> str:
    """The name by which a link leads to a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def complaints(documents: dict[str, Document], files: set[str]) -> Iterator[str]:
    """Where a link leads nowhere. `files` are all files of the repository."""
    folders = {folder for file in files for folder in parents(file)}
    for document in documents.values():
        for line, link in document.links:
            if ELSEWHERE.match(link):
                continue
            target, _, place = link.partition("#")
            path = resolved(document.path, target) if target else document.path
            where = f"{document.path}:{line}: {link}"
            if path not in files and path not in folders:
                yield f"{where} leads nowhere"
            elif place and path in documents and place not in documents[path].places:
                yield f"{where}: {path} has no such heading"
            elif place and path not in documents:
                yield f"{where}: {path} has no headings"


def unlisted(documents: dict[str, Document]) -> Iterator[str]:
    """The pages that the book does not list, or lists twice."""
    listed = Counter(resolved(SUMMARY, link) for _, link in documents[SUMMARY].links)
    for path in documents:
        if path.startswith(BOOK) and path != SUMMARY and listed[path] != 1:
            yield f"{SUMMARY}: {path} stands there {listed[path]} times, and not once"


def resolved(document: str, target: str) -> str:
    if target.startswith("/"):
        return target
    return posixpath.normpath(posixpath.join(posixpath.dirname(document), target))


def parents(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path
    yield "."


def repository() -> set[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return {path for path in listed if path and (ROOT / path).is_file()}


def main() -> int:
    files = repository()
    documents = {path: Document.read(path, (ROOT / path).read_text()) for path in sorted(files) if path.endswith(".md")}
    found = [*complaints(documents, files), *unlisted(documents)]
    for complaint in found:
        print(complaint)
    if found:
        print(f"{len(found)} links lead nowhere, or pages are not listed", file=sys.stderr)
        return 1
    links = sum(len(document.links) for document in documents.values())
    print(f"{len(documents)} documents, {links} links, each leads somewhere")
    return 0


if __name__ == "__main__":
    sys.exit(main())
