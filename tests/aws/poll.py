"""Waiting for other processes: by asking again, with a limit."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(check: Callable[[], T | None], limit: float = 30.0, every: float = 0.1) -> T:
    """Calls `check` until it gives something true without an AssertionError."""
    deadline = time.monotonic() + limit
    while True:
        try:
            result = check()
            if result:
                return result
            failure = AssertionError(f"still {result!r} after {limit} s")
        except AssertionError as error:
            failure = error
        if time.monotonic() >= deadline:
            raise failure
        time.sleep(every)
