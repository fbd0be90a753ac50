"""A running `sinch-callback serve`, and what its store holds."""

import json
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import time
from typing import Any

import kept_logs

ROOT = pathlib.Path(__file__).resolve().parents[1]
SECRET = "made-up-secret-of-hostile-tests"
kept_logs.plant(SECRET)


def binary() -> pathlib.Path:
    """The binary under test: of SINCH_CALLBACK, else the one that was built last."""
    named = os.environ.get("SINCH_CALLBACK")
    if named:
        return pathlib.Path(named)
    builds = [ROOT / "target" / profile / "sinch-callback" for profile in ("release", "debug")]
    built = [build for build in builds if build.exists()]
    if built:
        return max(built, key=lambda build: build.stat().st_mtime)
    raise FileNotFoundError("there is no sinch-callback: cargo build, or set SINCH_CALLBACK")


def command(folder: pathlib.Path, data: pathlib.Path, log_level: str = "debug") -> list:
    """What starts a receiver. Its secret is left in the folder."""
    secret = folder / "secret.txt"
    secret.write_text(SECRET + "\n")
    receiver = [binary(), "--log", log_level, "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
    return [*receiver, "--data", data, "--secret-file", secret]


def killed_while_starting(folder: pathlib.Path, after_s: float) -> None:
    """Starts a receiver, and ends it as a crash does, whether or not it is ready by then."""
    with subprocess.Popen(command(folder, folder / "data"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as one:
        time.sleep(after_s)
        one.kill()


class Receiver:
    """A receiver in a folder, ready when it is made. Its log goes to a file there."""

    def __init__(
        self, folder: pathlib.Path, *arguments: str, data: pathlib.Path | None = None, log_level: str = "debug"
    ) -> None:
        self.folder = folder
        self.data = data or folder / "data"
        log, name = tempfile.mkstemp(prefix="serve-", suffix=".log", dir=folder)
        self.log = pathlib.Path(name)
        self.process = subprocess.Popen(
            [*command(folder, self.data, log_level), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        os.close(log)
        assert self.process.stdout
        self.output = self.process.stdout
        self.address = self._told("listening on http://")
        # Where it tells what it knows.
        self.admin = self._told("admin on http://")

    def _told(self, prefix: str) -> tuple[str, int]:
        """An address out of the next line that it prints."""
        line = self.output.readline().decode()
        if not line.startswith(prefix):
            self.kill()
            raise RuntimeError(f"not ready: {line!r}\n{self.log.read_text()}")
        host, port = line.strip().removeprefix(prefix).rsplit(":", 1)
        return host, int(port)

    def kill(self) -> None:
        """Ends it as a crash does, where it has not ended."""
        if self.process.poll() is None:
            self.process.kill()
        self._end()

    def stop(self) -> int:
        """Asks it to end, and gives its exit status."""
        self.process.terminate()
        return self._end()

    def _end(self) -> int:
        status = self.process.wait(60)
        if not self.output.closed:
            self.output.close()
            kept_logs.keep(self.log)
        return status

    def __enter__(self) -> "Receiver":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def resident_kb(self) -> int:
        return self._status("VmRSS")

    def peak_kb(self) -> int:
        return self._status("VmHWM")

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def _status(self, name: str) -> int:
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        raise KeyError(name)


class Store:
    """The receiver's database, opened for reading."""

    def __init__(self, data: pathlib.Path) -> None:
        self.connection = sqlite3.connect(f"file:{data / 'deliveries.sqlite3'}?mode=ro", uri=True)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def rows(self, query: str, *values: Any) -> list:
        return self.connection.execute(query, values).fetchall()

    def one(self, query: str, *values: Any) -> Any:
        return self.rows(query, *values)[0][0]

    def entries(self) -> list[tuple[str, dict[str, Any]]]:
        """What each arrival did, as its message's log has it, in the order of arrival."""
        messages = self.rows("SELECT message_id, aggregate FROM messages")
        return [(message, entry) for message, text in messages for entry in json.loads(text)["log"]]

    def bodies(self) -> dict[bytes, int]:
        """Every callback's body, and how often it was repeated."""
        repeats = {entry["key"]: entry.get("repeats", 0) for _, entry in self.entries()}
        kept = self.rows(
            "SELECT lower(hex(content_key)), body, 0 FROM bodies"
            " UNION ALL SELECT lower(hex(content_key)), body, repeats FROM callbacks"
        )
        return {body: times + repeats.get(key, 0) for key, body, times in kept}
