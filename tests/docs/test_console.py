"""An output is compared with what the page shows of it."""

import pytest

from blocks import Block, Mistake
from console import begins_as_shown, is_as_shown, steps


def block(text: str) -> Block:
    return Block("page.md", 1, "console", text)


def test_commands_have_what_is_shown_below_them() -> None:
    first, second = steps(block("$ echo a \\\n    b\na b\n$ true\n"))
    assert (first.command, first.shown, first.below) == ("echo a \\\n    b", ("a b",), 1)
    assert (second.command, second.shown, second.below) == ("true", (), 4)


def test_an_output_without_a_command_is_refused() -> None:
    with pytest.raises(Mistake, match=r"page\.md:2: a line stands below no command"):
        steps(block("a\n$ true\n"))


@pytest.mark.parametrize(
    ("shown", "seen", "same"),
    [
        (("a",), "a\n", True),
        (("a",), "b\n", False),
        (("a",), "a\nb\n", False),
        (("a", "b"), "a\n", False),
        (("at … s",), "at 1.5 s\n", True),
        (("at … s",), "at 1.5 ms\n", False),
        (("at … s",), "at 1\n2 s\n", False),
        (("a", "…", "z"), "a\nb\nc\nz\n", True),
        (("a", "…", "z"), "a\nz\n", True),
        (("a", "…", "z"), "a\nb\nc\n", False),
        (("…", "z"), "a\nz\nb\n", False),
        (("a.c",), "abc\n", False),
        (("a  ", ""), "a\n\n\n", True),
        ((), "whatever\n", True),
    ],
)
def test_an_output_is_what_is_shown_or_is_not(shown: tuple[str, ...], seen: str, same: bool) -> None:
    assert is_as_shown(shown, seen) == same


@pytest.mark.parametrize(("seen", "begun"), [("a\nb\n", True), ("a\n", True), ("b\n", False), ("", False)])
def test_what_goes_on_has_begun_as_shown(seen: str, begun: bool) -> None:
    assert begins_as_shown(("a",), seen) == begun
