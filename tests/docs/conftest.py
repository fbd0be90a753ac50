"""The receiver that some of the tests share."""

from collections.abc import Iterator

import pytest

import served
import told


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[served.World]:
    made = served.World(tmp_path_factory.mktemp("world"))
    try:
        made.play()
        yield made
    finally:
        made.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, value in sorted(told.figures.items()):
        terminalreporter.write_line(f"figure {name} {value:g}")
