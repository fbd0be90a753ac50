"""The check sees a term that a page uses and does not link, and nothing else."""

import pytest

from links import ROOT, Document
from terms import GLOSSARY, complaints, linked_terms

TERMS = linked_terms()
PAGE = "docs/src/guides/aws.md"


def test_each_term_that_pages_link_stands_in_the_glossary() -> None:
    places = Document.read(GLOSSARY, (ROOT / GLOSSARY).read_text()).places
    assert len(TERMS) > 20
    assert [term for term in TERMS if term.replace(" ", "-") not in places] == []


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("It has two\nreplay keys.", "replay keys"),
        ("Hand-offs fail.", "Hand-offs"),
        ("| a | kill switch |", "kill switch"),
        ("A [remedy](events.md) is no link to what it is, so a remedy is unknown.", "remedy"),
    ],
)
def test_a_term_that_is_not_linked_is_found(text: str, used: str) -> None:
    (line,) = complaints(PAGE, text, TERMS)
    assert line.endswith(f"{used!r} is not linked to the glossary on this page")


@pytest.mark.parametrize(
    "text",
    [
        "A [replay key](../reference/glossary.md#replay-key) is a hash, and each replay key has a length.",
        "# What is a replay key?",
        "`replay key`",
        "```text\na replay key\n```",
        "an intention; a safeguard; a legend",
    ],
)
def test_what_is_linked_or_is_no_term_is_left_alone(text: str) -> None:
    assert list(complaints(PAGE, text, TERMS)) == []
