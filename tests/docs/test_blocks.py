"""A page's blocks are read as its reader sees them, and none is left without something done with it."""

import pytest

from blocks import Mistake, of_text


def page(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def test_a_block_has_the_directive_above_it() -> None:
    text = page(
        "# A page", "", '<!-- test: file=src/main.rs run="cargo run" exit=1 -->', "```rust", "fn main() {}", "```"
    )
    (block,) = of_text("page.md", text)
    assert (block.line, block.language, block.text) == (4, "rust", "fn main() {}\n")
    assert block.directive.values == {"file": "src/main.rs", "run": "cargo run", "exit": "1"}


def test_a_block_of_a_list_loses_its_indent_alone() -> None:
    (block,) = of_text(
        "page.md", page("1. First:", "", "   ```sh", "   if true; then", "       true", "   fi", "   ```")
    )
    assert block.text == "if true; then\n    true\nfi\n"


def test_a_fence_within_a_longer_fence_is_text() -> None:
    (block,) = of_text("page.md", page("````text", "```rust", "```", "````"))
    assert block.text == "```rust\n```\n"


def test_what_a_script_writes_is_marked_by_comments() -> None:
    assert not list(of_text("page.md", page("<!-- cost:begin -->", "| a |", "<!-- cost:end -->")))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("```rust", "fn main() {}", "```"), "page.md:1: nothing is done with a block in rust"),
        (("```", "some words", "```"), "page.md:1: nothing is done with a block in no language"),
        (("```json", "{}", "```"), "page.md:1: nothing is done with a block in json"),
        (("```sh", "true"), "page.md:1: the block is not closed"),
        (("<!-- test: not-run -->", "```sh", "true", "```"), 'page.md:2: a block that is not run says why="…"'),
        (("<!-- test: file=a.rs -->", "```rust", "# fn main() {", "```"), "page.md:3: a line is hidden"),
        (("<!-- test: file=a.rs -->", "```rust", "fn f() {", "    #", "}", "```"), "page.md:4: a line is hidden"),
        (("<!-- export secret=x -->", "```sh", "true", "```"), "page.md:1: a comment is hidden"),
        (("{{#include setup.md}}",), "page.md:1: what is included is not on the page"),
        (
            ("<!-- test: file=a -->", "```js", "{{#include a.js}}", "```"),
            "page.md:2: what is included is not on the page",
        ),
        (("<!-- test: quietly -->", "```sh", "true", "```"), "page.md:1: no directive is called 'quietly'"),
        (("<!-- test: file -->", "```sh", "true", "```"), "page.md:1: no directive is called 'file'"),
        (
            ("<!-- test: exit=1 -->", "Some words.", "```sh", "true", "```"),
            "page.md:1: a directive stands before a block",
        ),
        (("<!-- test: exit=1 -->",), "page.md:1: a directive stands before a block"),
        (("<!-- test: file=a.js receiver port=1 path=/ -->", "```js", "a", "```"), "page.md:2: a receiver says run=…"),
    ],
)
def test_a_page_that_hides_or_leaves_something_is_refused(lines: tuple[str, ...], why: str) -> None:
    with pytest.raises(Mistake) as found:
        list(of_text("page.md", page(*lines)))
    assert str(found.value).startswith(why)
