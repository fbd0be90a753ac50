"""Prints which page of the book uses a term of the glossary and never links it: terms.py

A newcomer meets a term where it stands, and not in the order of the book. So each page links each term that
is not obvious (`linked` in words.toml), once.
"""

import pathlib
import re
import sys
import tomllib
from collections.abc import Iterator

from links import BOOK, CODE, COMMENT, FENCED, ROOT, SUMMARY, named, repository, without

GLOSSARY = BOOK + "reference/glossary.md"
LIST = "tests/words/words.toml"
HEADINGS = re.compile(r"^#.*$", re.MULTILINE)
LINKED = re.compile(r"\[[^\]]*\]\([^)]*\)")


def linked_terms() -> dict[str, re.Pattern[str]]:
    """The terms that pages link, each with the form in which it stands in prose."""
    terms = tomllib.loads((ROOT / LIST).read_text())["glossary"]["linked"]
    return {
        term: re.compile(rf"(?<![\w-]){term.replace(' ', '[ -]')}(?:s|ed)?(?![\w-])", re.IGNORECASE) for term in terms
    }


def prose(text: str) -> str:
    """What a page says in sentences: without code, comments, headings and the words of links."""
    for pattern in (FENCED, COMMENT, CODE, HEADINGS):
        text = without(pattern, text)
    return LINKED.sub("", text)


def complaints(path: str, text: str, terms: dict[str, re.Pattern[str]]) -> Iterator[str]:
    """The terms that a page uses and does not link."""
    said = prose(text)
    for term, form in terms.items():
        use = form.search(said)
        if use and f"glossary.md#{named(term)})" not in text:
            line = said.count("\n", 0, use.start()) + 1
            yield f"{path}:{line}: {use[0]!r} is not linked to the glossary on this page"


def pages() -> list[str]:
    """The pages that people write."""
    written = (path for path in sorted(repository()) if path.startswith(BOOK) and path.endswith(".md"))
    return [path for path in written if path not in {GLOSSARY, SUMMARY} and not is_generated(ROOT / path)]


def is_generated(path: pathlib.Path) -> bool:
    return "do not edit" in path.read_text()[:500].lower()


def main() -> int:
    terms = linked_terms()
    found = [
        *(complaint for path in pages() for complaint in complaints(path, (ROOT / path).read_text(), terms)),
    ]
    for complaint in found:
        print(complaint)
    if found:
        print(f"{len(found)} terms are used and not linked", file=sys.stderr)
        return 1
    print(f"{len(pages())} pages link the {len(terms)} terms that they use")
    return 0


if __name__ == "__main__":
    sys.exit(main())
