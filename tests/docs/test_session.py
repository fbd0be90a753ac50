"""A page has one shell, and nothing outlives it."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from session import Failed, Session


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with Session(tmp_path, dict(os.environ)) as opened:
        yield opened


def test_folder_and_variables_carry_over(session: Session) -> None:
    session.run("mkdir inner; cd inner; name=value; export other=this")
    assert session.run('echo "${PWD##*/} $name"; env | grep ^other=').output == "inner value\nother=this\n"


def test_a_status_and_both_outputs_are_told(session: Session) -> None:
    ended = session.run("echo out; echo err >&2; false")
    assert (ended.status, ended.output) == (1, "out\nerr\n")


def test_strictly_the_first_that_fails_is_the_last(session: Session) -> None:
    ended = session.run("echo a\nls /nowhere 2>/dev/null\necho b", strict=True)
    assert (ended.status, ended.output) == (2, "a\n")
    assert session.run("false; echo $?").output == "1\n"


def test_a_command_reads_nothing(session: Session) -> None:
    assert session.run("cat; echo done", limit_s=5).output == "done\n"


def test_what_takes_too_long_is_a_failure(session: Session) -> None:
    with pytest.raises(Failed, match="took longer than 0 s: sleep 30"):
        session.run("sleep 30", limit_s=0.2)


def test_what_ends_the_shell_is_a_failure(session: Session) -> None:
    with pytest.raises(Failed, match="ended the shell: exit 3"):
        session.run("exit 3", limit_s=5)


def test_what_goes_on_ends_with_all_that_it_started(session: Session) -> None:
    background = session.start("sleep 61 & sleep 62")
    limit = time.monotonic() + 5
    while not background.runs() and time.monotonic() < limit:
        time.sleep(0.01)
    assert background.runs()
    session.end(background)
    assert not background.runs()


def test_what_does_not_end_is_a_failure(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("session.END_LIMIT_S", 0.3)
    background = session.start("trap '' TERM; echo deaf; while true; do sleep 0.05; done")
    limit = time.monotonic() + 5
    while not background.output() and time.monotonic() < limit:
        time.sleep(0.01)
    with pytest.raises(Failed, match="did not end"):
        session.end(background)
    assert not background.runs()


def test_what_was_left_running_is_found_and_ended(tmp_path: Path) -> None:
    left = Session(tmp_path, dict(os.environ))
    process = int(left.run("sleep 63 >/dev/null 2>&1 & echo $!").output)
    with pytest.raises(Failed, match="1 processes were left running"):
        left.close()
    limit = time.monotonic() + 5
    while Path(f"/proc/{process}/stat").exists() and time.monotonic() < limit:
        time.sleep(0.01)
    assert not Path(f"/proc/{process}/stat").exists()
