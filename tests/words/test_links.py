"""The check sees each link that leads nowhere, and leaves alone what is none."""

import pytest

from links import Document, complaints, named, unlisted

FILES = {"README.md", "docs/src/SUMMARY.md", "docs/src/a.md", "docs/src/guides/b.md", "core/src/lib.rs"}
A = """
# The title

## Why is `x` a (good) *name*?

## Twice
## Twice
<a id="by-hand"></a>
"""


def found(text: str, path: str = "docs/src/guides/b.md") -> list[str]:
    texts = {"docs/src/a.md": A, path: text}
    documents = {name: Document.read(name, it) for name, it in texts.items()}
    return list(complaints(documents, FILES))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[gone](../c.md)", "docs/src/guides/b.md:1: ../c.md leads nowhere"),
        ("one\n\n![a picture\nof it](../gone.svg)", "docs/src/guides/b.md:4: ../gone.svg leads nowhere"),
        ('[titled](gone.md "with words")', "docs/src/guides/b.md:1: gone.md leads nowhere"),
        ("[from the root](/README.md)", "docs/src/guides/b.md:1: /README.md leads nowhere"),
        ("[outside](../../../../README.md)", "docs/src/guides/b.md:1: ../../../../README.md leads nowhere"),
        ("[ref]\n\n[ref]: gone.md", "docs/src/guides/b.md:3: gone.md leads nowhere"),
        ('<img alt="" src="gone.png">', "docs/src/guides/b.md:1: gone.png leads nowhere"),
        ("[a](../a.md#who)", "docs/src/guides/b.md:1: ../a.md#who: docs/src/a.md has no such heading"),
        ("[a](../a.md#twice-2)", "docs/src/guides/b.md:1: ../a.md#twice-2: docs/src/a.md has no such heading"),
        ("# Here\n[here](#there)", "docs/src/guides/b.md:2: #there: docs/src/guides/b.md has no such heading"),
        (
            "[line](../../../core/src/lib.rs#L1)",
            "docs/src/guides/b.md:1: ../../../core/src/lib.rs#L1: core/src/lib.rs has no headings",
        ),
    ],
)
def test_a_link_that_leads_nowhere_is_found(text: str, expected: str) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "[a](../a.md), [why](../a.md#why-is-x-a-good-name), [again](../a.md#twice-1), [hand](../a.md#by-hand)",
        "# Here\n[here](#here)",
        "[folder](../../../core/src), [file](../../../core/src/lib.rs), [root](../../..)",
        "[web](https://example.com/gone.md#x), [mail](mailto:a@example.com)",
        "[rust](crate::Verifier), [own](Self::new)",
        "```console\n$ echo [gone](gone.md)\n```",
        "`[gone](gone.md)` and ``[gone`](gone.md)``",
        "<!-- [gone](gone.md) -->",
        "an array[0] (gone.md)",
    ],
)
def test_what_leads_somewhere_or_is_no_link_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_heading_is_named_as_github_and_mdbook_name_it() -> None:
    assert named("Why is a 401 `final`, and when?") == "why-is-a-401-final-and-when"
    assert named("What does [each](x.md) do: A/B_c") == "what-does-each-do-ab_c"


def test_a_page_that_the_book_does_not_list_once_is_found() -> None:
    summary = "- [A](a.md)\n- [A once more](a.md)\n"
    texts = {"docs/src/SUMMARY.md": summary, "docs/src/a.md": A, "docs/src/guides/b.md": "", "README.md": ""}
    listed = list(unlisted({path: Document.read(path, text) for path, text in texts.items()}))
    assert listed == [
        "docs/src/SUMMARY.md: docs/src/a.md stands there 2 times, and not once",
        "docs/src/SUMMARY.md: docs/src/guides/b.md stands there 0 times, and not once",
    ]
