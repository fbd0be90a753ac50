"""What must stand in no log line, and the logs that are searched for it (tests/check_logs.py).

With SINCH_TEST_LOGS=DIR both are kept there.
"""

import os
import pathlib
import shutil
import uuid

FOLDER = os.environ.get("SINCH_TEST_LOGS")


def plant(*texts: str) -> None:
    """Remembers texts that no log may hold: secrets, nonces, signatures, pieces of bodies."""
    if FOLDER:
        with pathlib.Path(FOLDER, "markers.txt").open("a") as markers:
            markers.writelines(f"{text}\n" for text in texts)


def keep(log: pathlib.Path) -> None:
    """Keeps a copy of a log."""
    if FOLDER:
        shutil.copy(log, pathlib.Path(FOLDER, f"hostile-{uuid.uuid4().hex}.log"))
