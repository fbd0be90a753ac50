"""One shell in one folder, in which a page's commands are run one after the other.

Folder and variables carry over. Nothing outlives it: what a page leaves running ends with the page, by
its process id, and what does not end when it is asked to is a mistake.
"""

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

# Reads a kind, a file of commands and a file for their output, each ended by NUL.
DRIVER = r"""
while IFS= read -r -d '' -u 3 kind && IFS= read -r -d '' -u 3 file && IFS= read -r -d '' -u 3 out; do
    if [ "$kind" = background ]; then
        set -m
        . "$file" >"$out" 2>&1 3<&- 4>&- </dev/null &
        set +m
        echo "$!" >&4
    else
        . "$file" >"$out" 2>&1 3<&- 4>&- </dev/null
        echo "$?" >&4
        trap - ERR
    fi
done
"""
# The whole of a block stops at the first command that fails.
STRICT = "trap 'return $?' ERR\n"
# How long a command may take: the longest builds what a page has added.
LIMIT_S = 600.0
# How long after SIGTERM a process may go on.
END_LIMIT_S = 15.0


class Failed(Exception):
    """What went wrong in the shell."""


@dataclass
class Ended:
    status: int
    output: str


class Background:
    """A command that goes on. All that it has started is of its process group."""

    def __init__(self, group: int, output: Path) -> None:
        self.group = group
        self._output = output

    def output(self) -> str:
        return self._output.read_text(errors="replace")

    def runs(self) -> bool:
        return bool(_processes(group=self.group))

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Asks it to end, and waits."""
        if not self.runs():
            raise Failed(f"ended by itself:\n{self.output()}")
        self.stop(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """As `end`, of what may have ended by itself, or is about to."""
        _signal(self.group, number)
        if not self._is_gone():
            _signal(self.group, signal.SIGKILL)
            self._is_gone()
            raise Failed(f"did not end {END_LIMIT_S:.0f} s after {number.name}:\n{self.output()}")

    def _is_gone(self) -> bool:
        limit = time.monotonic() + END_LIMIT_S
        while self.runs() and time.monotonic() < limit:
            time.sleep(0.02)
        return not self.runs()


class Session:
    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._notes = tempfile.TemporaryDirectory(prefix="docs-session-")
        self._count = 0
        self._closed = False
        self._backgrounds: list[Background] = []
        to_read, self._orders = _pipe()
        self._told, to_write = _pipe()
        # The driver knows them as 3 and 4.
        self.process = subprocess.Popen(
            [
                # Whoever runs this may ignore Ctrl-C, and a shell cannot take that back.
                *("env", "--default-signal=INT"),
                "bash",
                "--norc",
                "--noprofile",
                "-c",
                f'eval "exec 3<&$1 4>&$2 $1<&- $2>&-"; {DRIVER}',
                "bash",
                str(to_read),
                str(to_write),
            ],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(to_read, to_write),
            start_new_session=True,
        )
        os.close(to_read)
        os.close(to_write)

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            self.close()
        except Failed:
            # What went wrong first is what is told.
            if kind is None:
                raise

    def run(self, commands: str, strict: bool = False, limit_s: float = LIMIT_S) -> Ended:
        """Runs commands to their end; with `strict`, to the first that fails."""
        output = self._order("run", f"{STRICT}{commands}" if strict else commands)
        told = self._answer(limit_s)
        text = output.read_text(errors="replace")
        if told is None:
            self._kill()
            raise Failed(f"took longer than {limit_s:.0f} s: {commands}\n{text}")
        if not told:
            raise Failed(f"ended the shell: {commands}\n{text}")
        return Ended(int(told), text)

    def start(self, commands: str) -> Background:
        """Runs commands that go on."""
        output = self._order("background", commands)
        told = self._answer(10)
        if not told:
            raise Failed(f"could not be started: {commands}")
        background = Background(int(told), output)
        self._backgrounds.append(background)
        return background

    def end(self, background: Background) -> None:
        self._backgrounds.remove(background)
        background.end()

    def stop(self, background: Background) -> None:
        """As `end`, of what may have ended by itself."""
        self._backgrounds.remove(background)
        background.stop()

    def interrupt(self) -> None:
        """Ends what goes on, as its reader does: by Ctrl-C."""
        while self._backgrounds:
            self._backgrounds.pop().end(signal.SIGINT)

    def close(self) -> None:
        """Ends the shell and all that it has started."""
        if self._closed:
            return
        self._closed = True
        failures = []
        for background in self._backgrounds:
            try:
                background.end()
            except Failed as failure:
                failures.append(str(failure))
        self._backgrounds = []
        os.close(self._orders)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self._kill()
        os.close(self._told)
        left = _processes(session=self.process.pid)
        for process in left:
            os.kill(process, signal.SIGKILL)
        if left:
            failures.append(f"{len(left)} processes were left running")
        self._notes.cleanup()
        if failures:
            raise Failed("\n".join(failures))

    def _order(self, kind: str, commands: str) -> Path:
        self._count += 1
        notes = Path(self._notes.name)
        file, output = notes / f"{self._count}.sh", notes / f"{self._count}.out"
        file.write_text(f"{commands}\n")
        output.touch()
        os.write(self._orders, b"".join(f"{word}\0".encode() for word in (kind, file, output)))
        return output

    def _answer(self, limit_s: float) -> str | None:
        """A line of the driver's; empty where it has ended, None where there was none in time."""
        ready, _, _ = select.select([self._told], [], [], limit_s)
        return os.read(self._told, 64).decode().strip() if ready else None

    def _kill(self) -> None:
        _signal(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are none of those that the driver knows its own by."""
    ends = os.pipe()
    above = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return above[0], above[1]


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def _processes(group: int | None = None, session: int | None = None) -> list[int]:
    """Who lives in a process group, or in a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of_group, of_session = stat.read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z" and (int(of_group) == group or int(of_session) == session):
            found.append(int(stat.parent.name))
    return found
