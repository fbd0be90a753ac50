"""Every page of the documents, each from top to bottom. Run by run.py, which packs what they install.

Not collected by itself: scripts/test docs names it.
"""

import os
from pathlib import Path

import pytest

import blocks
import examples
import pages
import run as launcher
import shim
import told

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "src" / "tutorial.md"
# What a page's shell knows of the machine.
CARRIED = (
    shim.PACKED,
    shim.PATH,
    shim.HOME,
    shim.SOCKET,
    "CARGO_HOME",
    "CARGO_INSTALL_ROOT",
    "RUSTUP_HOME",
    "LANG",
    "TERM",
)
FROM_SOURCE = launcher.FROM_SOURCE in os.environ
# From nothing to a recorded delivery.
MOST_MINUTES = 10 if FROM_SOURCE else 5
FEWEST_EXAMPLES = 60

ran: list[pages.Ran] = []


@pytest.fixture(scope="session")
def above() -> Path:
    """Above the folders of all pages."""
    return Path(os.environ[launcher.WORLD])


@pytest.mark.parametrize("path", blocks.documents(ROOT), ids=lambda path: str(path.relative_to(ROOT)))
def test_page(path: Path, above: Path) -> None:
    found = blocks.of_file(path, ROOT)
    if not found:
        return
    folder = above / str(path.relative_to(ROOT).with_suffix("")).replace("/", "-")
    folder.mkdir()
    environment = {name: os.environ[name] for name in CARRIED if name in os.environ}
    environment["PATH"] = f"{above / 'bin'}:{os.environ[shim.PATH]}"
    ran.append(pages.run(found, pages.Place(folder, environment, ROOT)))
    if path == TUTORIAL:
        minutes = ran[-1].seconds / 60
        told.figures["minutes_to_first_delivery" + ("_from_source" if FROM_SOURCE else "")] = round(minutes, 3)
        assert minutes < MOST_MINUTES


def test_there_are_many_examples_and_all_are_run(request: pytest.FixtureRequest) -> None:
    """Of the pages those that were run before; a run of one page alone says nothing of all."""
    if len(ran) < 2:
        pytest.skip("one page was run")
    counts = sum(page.blocks for page in ran), examples.of_rustdoc(ROOT), examples.of_tsdoc(ROOT)
    told.figures["doc_examples"] = sum(counts)
    assert sum(counts) >= FEWEST_EXAMPLES
