"""Every page of the documents, each from top to bottom. Run by run.py, which packs what they install.

Not collected by itself: scripts/test docs names it.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import blocks
import pages
import run as launcher
import shim

ROOT = Path(__file__).resolve().parents[2]
PAGES = blocks.documents(ROOT)
SHIMMED = (shim.PACKED, shim.PATH, shim.HOME, shim.SOCKET, "CARGO_HOME", "RUSTUP_HOME", "LANG", "TERM")


@pytest.fixture(scope="session")
def world() -> Path:
    return Path(os.environ[launcher.WORLD])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_page(path: Path, world: Path, record_property: Callable[[str, object], None]) -> None:
    found = blocks.of_file(path, ROOT)
    if not found:
        return
    folder = world / str(path.relative_to(ROOT).with_suffix("")).replace("/", "-")
    folder.mkdir()
    environment = {name: os.environ[name] for name in SHIMMED if name in os.environ}
    environment["PATH"] = f"{world / 'bin'}:{os.environ[shim.PATH]}"
    ran = pages.run(found, pages.Place(folder, environment, ROOT, made="binary" in json.loads(os.environ[shim.PACKED])))
    print(f"{ran.blocks} blocks, {ran.receivers} receivers, {ran.seconds:.1f} s")
    record_property("blocks", ran.blocks)
