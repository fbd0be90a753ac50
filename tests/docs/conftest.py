"""The receiver that some of the tests share."""

from collections.abc import Iterator

import pytest

import served


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[served.World]:
    made = served.World(tmp_path_factory.mktemp("world"))
    try:
        made.play()
        yield made
    finally:
        made.close()
