"""How many examples the sources have that are run: of rustdoc by `cargo test`, of TSDoc by tests/hosts."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

CRATES = ("core", "events", "pipeline", "recovery", "inspect", "lambda-adapter", "server")
LINE = re.compile(r"\s*//[/!] ?(?P<text>.*)")
FENCE = re.compile(r"\s*```(?P<info>.*)")
# Other words of a fence have rustdoc leave it alone, or compile it without more.
RUN = {"rust", "compile_fail", "should_panic", "edition2024"}


def of_rustdoc(root: Path) -> int:
    """Blocks of documentation that rustdoc runs as tests."""
    sources = (source for crate in CRATES for source in sorted((root / crate / "src").rglob("*.rs")))
    return sum(1 for source in sources for info in fences(source.read_text()) if is_run(info))


def is_run(info: str) -> bool:
    return set(re.split(r"[,\s]+", info)) - {""} <= RUN


def fences(text: str) -> Iterator[str]:
    """What stands behind each opening fence in comments of documentation."""
    is_inside = False
    for line in text.splitlines():
        comment = LINE.fullmatch(line)
        fence = FENCE.fullmatch(comment["text"]) if comment else None
        if not comment:
            is_inside = False
        elif fence:
            if not is_inside:
                yield fence["info"]
            is_inside = not is_inside


def of_tsdoc(root: Path) -> int:
    """Examples of the package of npm, by the count of those who run them."""
    script = root / "tests" / "hosts" / "doc-examples.mjs"
    done = subprocess.run(["node", script, "--count"], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[-1])
