"""The book's preprocessor rewrites links that lead out of the book, and the justfile only names scripts."""

import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys

import pytest

from check import ROOT

SCRIPT = ROOT / "scripts/book-pages"
loader = importlib.machinery.SourceFileLoader("book_pages", str(SCRIPT))
spec = importlib.util.spec_from_loader("book_pages", loader)
assert spec is not None
book_pages = importlib.util.module_from_spec(spec)
sys.dont_write_bytecode = True
loader.exec_module(book_pages)

REPOSITORY = "https://example.com/us/it"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[promises](../../../SECURITY.md#what-is)",
            "[promises](https://example.com/us/it/blob/main/SECURITY.md#what-is)",
        ),
        ("[its folder](../../../core/src)", "[its folder](https://example.com/us/it/tree/main/core/src)"),
        ("![a page](../../images/message.png)", "![a page](../images/message.png)"),
        ("[a term](../reference/glossary.md#claim)", "[a term](../reference/glossary.md#claim)"),
        ("[here](#here), [web](https://example.com)", "[here](#here), [web](https://example.com)"),
        ("```sh\n# [x](../../../SECURITY.md)\n```\n", "```sh\n# [x](../../../SECURITY.md)\n```\n"),
    ],
)
def test_a_link_out_of_the_book_leads_to_the_repository(text: str, expected: str) -> None:
    assert book_pages.rewritten(text, "guides/aws.md", REPOSITORY) == expected


def test_a_state_diagram_is_a_table_in_the_book() -> None:
    text = "Before\n\n```mermaid\nstateDiagram-v2\n    [*] --> Sent: by a call\n    Sent --> [*]\n```\n\nBehind\n"
    expected = "| from | to | when |\n|---|---|---|\n| (begin) | Sent | by a call |\n| Sent | (end) |  |"
    assert book_pages.rewritten(text, "guides/aws.md", "") == f"Before\n\n{expected}\n\nBehind\n"


def test_without_a_repository_the_words_stay() -> None:
    text = "See [SECURITY](../../SECURITY.md), and ![it](../images/system.svg)."
    assert book_pages.rewritten(text, "introduction.md", "") == "See SECURITY, and ![it](images/system.svg)."


def test_it_speaks_as_mdbook_expects() -> None:
    page = {"content": "[a](../../SECURITY.md)", "path": "introduction.md", "sub_items": []}
    deep = {"content": "[b](../../../SECURITY.md)", "path": "guides/aws.md", "sub_items": []}
    draft = {"content": "", "path": None, "sub_items": [{"Chapter": deep}]}
    book = {"items": [{"PartTitle": "Guides"}, {"Chapter": page}, "Separator", {"Chapter": draft}]}
    command = [sys.executable, str(SCRIPT)]
    assert subprocess.run([*command, "supports", "html"], check=False).returncode == 0
    answer = subprocess.run(command, input=json.dumps([{}, book]), check=True, capture_output=True, text=True).stdout
    contents = [chapter["content"] for chapter in book_pages.chapters(json.loads(answer)["items"])]
    assert len(contents) == 3
    assert not any("(../" in content for content in contents)


def test_the_justfile_only_names_scripts() -> None:
    lines = (ROOT / "justfile").read_text().splitlines()
    commands = [line.strip() for line in lines if line.startswith("    ")]
    recipes = [line for line in lines if re.match(r"[a-z-]+ \*arguments:$", line)]
    assert commands[0] == "@just --list --unsorted"
    assert len(commands) == len(recipes) + 1
    for command, recipe in zip(commands[1:], recipes, strict=True):
        name = recipe.split()[0]
        assert command == f'scripts/{name} "$@"'
        assert (ROOT / "scripts" / name).is_file()
