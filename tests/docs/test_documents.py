"""Every page of the documents is one whose blocks can be run."""

from pathlib import Path

import pytest

import blocks
import told

ROOT = Path(__file__).resolve().parents[2]
# What nobody can run here: a browser, Sinch's own pages, an account at AWS.
MOST_NOT_RUN = 12
LARGEST_README = 130


@pytest.mark.parametrize("path", blocks.documents(ROOT), ids=lambda path: str(path.relative_to(ROOT)))
def test_something_is_done_with_each_block(path: Path) -> None:
    blocks.of_file(path, ROOT)


def test_few_blocks_are_not_run() -> None:
    left = [block for path in blocks.documents(ROOT) for block in blocks.of_file(path, ROOT) if block.has("not-run")]
    for block in left:
        print(f"not run: {block.page}:{block.line}: {block.value('why')}")
    assert len(left) <= MOST_NOT_RUN


def test_the_readme_is_a_door() -> None:
    lines = (ROOT / "README.md").read_text().count("\n")
    told.figures["readme_lines"] = lines
    assert lines <= LARGEST_README
