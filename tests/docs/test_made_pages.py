"""Pages that say what a program says are made from all of it."""

import tomllib
from pathlib import Path

import pytest

import benchmarks
import command_line
import metrics
import record

ROOT = Path(__file__).resolve().parents[2]

EXPOSITION = """\
# HELP sinch_callback_refused Callbacks rejected.
# TYPE sinch_callback_refused counter
sinch_callback_refused_total{code="stale"} 0
sinch_callback_refused_total{code="missing_header"} 2
# HELP sinch_callback_age_seconds Seconds from signature to arrival.
# TYPE sinch_callback_age_seconds histogram
# UNIT sinch_callback_age_seconds seconds
sinch_callback_age_seconds_sum 0.0
sinch_callback_age_seconds_count 0
sinch_callback_age_seconds_bucket{le="1.0"} 0
# HELP sinch_callback_build What runs.
# TYPE sinch_callback_build info
sinch_callback_build_info{version="0.1.0"} 1
# EOF
"""


def test_a_metric_has_its_type_its_labels_and_its_help() -> None:
    _, _, table = metrics.page(EXPOSITION).partition("|---|---|---|---|\n")
    assert table.splitlines() == [
        "| `sinch_callback_age_seconds` | histogram |  | Seconds from signature to arrival |",
        "| `sinch_callback_build_info` | info | `version` | What runs |",
        "| `sinch_callback_refused_total` | counter | `code`: `missing_header`, `stale` | Callbacks rejected |",
    ]


def test_a_sample_of_no_metric_is_an_error() -> None:
    with pytest.raises(KeyError, match="sinch_callback_new_total"):
        metrics.read("sinch_callback_new_total 1\n")


def test_every_command_and_each_of_its_own_is_on_the_page(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(
        """#!/bin/sh
case "$*" in
    --help) printf 'Says.\\n\\nCommands:\\n  one   First\\n        of all\\n  help  Print this\\n\\nOptions:\\n' ;;
    'one --help') printf 'First.\\n\\nCommands:\\n  two  Inner\\n\\n' ;;
    'one two --help') printf 'Inner.  \\n' ;;
esac
"""
    )
    program.chmod(0o755)
    headings = [line for line in command_line.page(program).splitlines() if line.startswith("#")]
    expected = ["# Command line", "## sinch-callback", "### sinch-callback one", "#### sinch-callback one two"]
    assert headings == expected


@pytest.mark.parametrize(
    ("kind", "aim", "value", "met"),
    [
        ("at_most", 2, 2, True),
        ("at_most", 2, [1, 3], False),
        ("at_least", 2, [2, 3], True),
        ("at_least", 2, 1, False),
        ("exactly", 0, 0, True),
        ("exactly", 0, [0, 1], False),
    ],
)
def test_an_aim_is_met_by_the_worst_of_several_runs(
    kind: str, aim: float, value: float | list[float], met: bool
) -> None:
    assert benchmarks.is_met(kind, aim, value) == met


def test_what_is_recorded_is_what_was_printed_last() -> None:
    lines = ["figure accept_p99_ms 9.5", "some words", "figure resident_mb 33", "figure accept_p99_ms 8", "figure x y"]
    assert record.figures(lines) == {"accept_p99_ms": 8, "resident_mb": 33}


def test_every_figure_of_a_group_has_a_name_of_its_own_and_one_aim() -> None:
    groups = tomllib.loads((ROOT / "docs" / "figures" / "aims.toml").read_text())["group"]
    for group in groups:
        names = [figure["name"] for figure in group["figure"]]
        assert len(names) == len(set(names))
        for figure in group["figure"]:
            assert len(figure.keys() & set(benchmarks.AIMS)) <= 1
            assert figure.keys() <= {"name", "says", "unit", *benchmarks.AIMS}
