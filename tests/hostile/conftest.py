from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from figures import figures
from receiver import Receiver


class Serve:
    """Receivers in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[Receiver] = []

    def __call__(self, *arguments: str, **named: Any) -> Receiver:
        """Starts one."""
        receiver = Receiver(self.folder, *arguments, **named)
        self.running.append(receiver)
        return receiver


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts receivers in the test's folder. All of them end with the test."""
    started = Serve(tmp_path)
    yield started
    for receiver in started.running:
        receiver.kill()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, value in sorted(figures.items()):
        terminalreporter.write_line(f"figure {name} {value}")
