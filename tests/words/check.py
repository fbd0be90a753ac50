"""Prints where a word stands that this project has left behind: check.py

Code, messages, help, scripts, settings and documents are read; lock files are not. What is wrong in prose
alone is looked for in documents (`*.md`), outside of code.
"""

import dataclasses
import fnmatch
import pathlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator

from links import CODE, FENCED, without

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = "tests/words/words.toml"
DOCUMENT = "*.md"
UNREAD = ("*.lock", "*package-lock.json", "LICENSE*", "*.png", "*.svg", "tests/words/*")


@dataclasses.dataclass(frozen=True)
class Left:
    """A word that was left behind."""

    pattern: re.Pattern[str]
    say: str
    excepted: tuple[str, ...]
    in_prose: bool

    @classmethod
    def read(cls, entry: dict) -> "Left":
        # Names join words by `_` or `-`, text by any white space.
        between = "[_-]" if entry.get("in_names") else r"[\s_-]+"
        word = entry["word"].replace(" ", between)
        return cls(
            re.compile(rf"(?<![^\W_])(?:{word})(?![^\W_])", re.IGNORECASE),
            entry["say"],
            tuple(entry.get("except", ())),
            entry.get("in_prose", False),
        )

    def complaints(self, path: str, text: str) -> Iterator[str]:
        """Where it stands in a file's text, as it is written."""
        if any(fnmatch.fnmatch(path, glob) for glob in self.excepted):
            return
        if self.in_prose:
            if not fnmatch.fnmatch(path, DOCUMENT):
                return
            text = without(CODE, without(FENCED, text))
        text = separated(text)
        for found in self.pattern.finditer(text):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{path}:{line}: {' '.join(found[0].split())!r}; we say: {self.say}"


def separated(text: str) -> str:
    """The text with an underscore before each capital inside a name, and comments without their marks,
    so that a phrase that goes over two lines is one."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"(?m)^([ \t]*)(///|//!|//|#)", lambda mark: mark[1] + " " * len(mark[2]), text)


def words() -> list[Left]:
    return [Left.read(entry) for entry in tomllib.loads((ROOT / LIST).read_text())["left"]]


def files() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [
        path
        for path in sorted(set(listed))
        if path and (ROOT / path).is_file() and not any(fnmatch.fnmatch(path, glob) for glob in UNREAD)
    ]


def main() -> int:
    left = words()
    found = 0
    read = files()
    for path in read:
        try:
            text = (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue
        for word in left:
            for complaint in word.complaints(path, text):
                print(complaint)
                found += 1
    if found:
        print(f"{found} places say it in words that were left behind ({LIST})", file=sys.stderr)
        return 1
    print(f"{len(read)} files, {len(left)} words left behind, none has returned")
    return 0


if __name__ == "__main__":
    sys.exit(main())
