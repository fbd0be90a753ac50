"""The documentation names each setting that is read, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from settings import PAGE, complaints, flags, variables

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / PAGE).read_text()
FLAGS, VARIABLES = flags(ROOT), variables(ROOT)


def test_flags_and_variables_are_found() -> None:
    assert {"secret-file", "path", "admin-listen", "recovery-channel-property", "log", "clock-at"} <= FLAGS
    assert {"SECRET_PARAMETERS", "QUEUE_URL", "PER_HOUR", "FUNCTION"} <= VARIABLES
    # It is hidden.
    assert "clock-speed" not in FLAGS


def test_the_tables_are_complete() -> None:
    assert list(complaints(TEXT, FLAGS, VARIABLES)) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("| `data` |", "| `folder` |", ["data is missing", "folder is read nowhere"]),
        ("| `EVENTS` |", "| `ARCHIVE` |", ["EVENTS is missing", "ARCHIVE stands there twice"]),
        ("| `PROJECT_ID`, `APP_ID` |", "| `PROJECT_ID` |", ["APP_ID is missing"]),
    ],
)
def test_a_table_that_says_something_else_is_found(old: str, new: str, expected: list[str]) -> None:
    assert TEXT.count(old) == 1
    assert list(complaints(TEXT.replace(old, new), FLAGS, VARIABLES)) == expected
