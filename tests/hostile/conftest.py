import pytest

from figures import figures
from receiver import Receiver


@pytest.fixture
def serve(tmp_path):
    """Starts receivers in the test's folder. All of them end with the test."""
    running = []

    def start(*arguments: str, **named) -> Receiver:
        receiver = Receiver(tmp_path, *arguments, **named)
        running.append(receiver)
        return receiver

    start.running = running
    yield start
    for receiver in running:
        receiver.kill()


def pytest_terminal_summary(terminalreporter):
    for name, value in sorted(figures.items()):
        terminalreporter.write_line(f"figure {name} {value}")
