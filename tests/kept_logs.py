"""Keeps what the processes under test have logged, and what must not stand in it.

With SINCH_TEST_LOGS=DIR each harness leaves its logs there, and in markers.txt every secret, nonce,
signature and private piece of a body that it has sent. tests/check_logs.py then looks for the latter
in the former.
"""

import os
import pathlib
import shutil
import uuid
from collections.abc import Callable, Iterable

FOLDER = os.environ.get("SINCH_TEST_LOGS")


def plant(*texts: str) -> None:
    """Remembers texts that no log may hold."""
    if FOLDER:
        with pathlib.Path(FOLDER, "markers.txt").open("a") as markers:
            markers.writelines(f"{text}\n" for text in texts)


def keep(log: pathlib.Path) -> None:
    """Keeps a copy of a log."""
    if FOLDER:
        shutil.copy(log, pathlib.Path(FOLDER, f"{log.stem}-{uuid.uuid4().hex}.log"))


def keep_lines(name: str, lines: Callable[[], Iterable[str]]) -> None:
    """Keeps what stands in no file. It is asked for only where it is wanted."""
    if FOLDER:
        text = "".join(f"{line}\n" for line in lines())
        pathlib.Path(FOLDER, f"{name}-{uuid.uuid4().hex}.log").write_text(text)


def keep_all(folder: pathlib.Path, unspeakable: Iterable[str]) -> None:
    """Keeps every log below a folder, and what must not stand in them."""
    if FOLDER:
        plant(*unspeakable)
        for log in folder.rglob("*.log"):
            keep(log)
