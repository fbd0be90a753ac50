"""What is ordered runs elsewhere, and tells here."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import outside


@pytest.fixture
def path(tmp_path: Path) -> Iterator[str]:
    server = outside.Outside(tmp_path / "orders")
    yield str(tmp_path / "orders")
    server.close()


def ordered(path: str, *command: str) -> subprocess.CompletedProcess:
    program = "import outside, os, sys; sys.exit(outside.order(sys.argv[1], sys.argv[2:], dict(os.environ)))"
    here = Path(outside.__file__).parent
    return subprocess.run(
        [sys.executable, "-c", program, path, *command],
        check=False,
        env={**os.environ, "PYTHONPATH": str(here), "GIVEN": "value"},
        capture_output=True,
        text=True,
        timeout=20,
    )


def test_output_folder_variables_and_status_are_those_of_who_orders(path: str, tmp_path: Path) -> None:
    done = ordered(path, "bash", "-c", 'echo "$GIVEN"; pwd; echo wrong >&2; exit 7')
    assert (done.returncode, done.stdout, done.stderr) == (7, f"value\n{Path.cwd()}\n", "wrong\n")


def test_a_program_that_is_not_there_is_a_failure(path: str) -> None:
    done = ordered(path, "/nowhere/program")
    assert (done.returncode, done.stdout) == (1, "")
    assert "No such file" in done.stderr
