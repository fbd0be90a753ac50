"""The documentation names each answer that core gives, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from answers import PAGE, complaints, decided

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / PAGE).read_text()
CORE = decided(ROOT / "core")


def test_core_s_answers_are_found() -> None:
    assert {(200, "accepted"), (401, "stale"), (503, "from_future"), (422, "answer_expected")} <= CORE
    # A mismatch is either, by the host's setting.
    assert {(401, "signature_mismatch"), (503, "signature_mismatch")} <= CORE
    assert len(CORE) == 25


def test_the_table_is_core_s() -> None:
    assert list(complaints(TEXT, CORE)) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("| 401 | `stale`", "| 400 | `stale`", ["401 stale is missing", "400 stale is nothing that core answers"]),
        ("| 200 | `duplicate`", "| 200 | `accepted`", ["200 duplicate is missing", "200 accepted stands there twice"]),
        (
            "at present. | yes |",
            "at present. | no |",
            ["503 handoff_unavailable: Sinch retries 5xx and 429, and nothing else"],
        ),
        ("<!-- answers:end -->", "", ["no table between <!-- answers:begin --> and <!-- answers:end -->"]),
    ],
)
def test_a_table_that_says_something_else_is_found(old: str, new: str, expected: list[str]) -> None:
    assert TEXT.count(old) == 1
    assert list(complaints(TEXT.replace(old, new), CORE)) == expected
