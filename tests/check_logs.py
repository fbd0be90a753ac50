"""Looks for secrets, nonces, signatures and bodies in every log line that the tests have kept.

usage: check_logs.py DIR

DIR holds *.log, and markers.txt with a text on each line (tests/kept_logs.py). Whatever has the form
of a signature is found too. Exit status: 0 when there is none, 1 when there is one, 2 when there was
nothing to look at.
"""

import pathlib
import re
import sys
from collections import Counter

SIGNATURE = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?!=)")


class Markers:
    """Texts that are looked for all at once, wherever in a line they stand."""

    # Each is found by its first characters: there are as many markers as there are lines.
    START = 8

    def __init__(self, markers: set[str]) -> None:
        self.short = sorted(marker for marker in markers if len(marker) < self.START)
        self.by_start: dict[str, list[str]] = {}
        for marker in markers - set(self.short):
            self.by_start.setdefault(marker[: self.START], []).append(marker)

    def mask(self, line: str) -> str:
        """The line, with a note of its length wherever one of them stands."""
        for marker in self.short:
            line = line.replace(marker, note(marker))
        at = 0
        while at <= len(line) - self.START:
            for marker in self.by_start.get(line[at : at + self.START], ()):
                if line.startswith(marker, at):
                    line = line[:at] + note(marker) + line[at + len(marker) :]
                    break
            at += 1
        return line


def note(text: str) -> str:
    return f"<{len(text)} characters>"


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = pathlib.Path(sys.argv[1])
    listed = folder / "markers.txt"
    texts = set(listed.read_text().splitlines()) - {""} if listed.exists() else set()
    markers = Markers(texts)
    found = 0
    lines: Counter[str] = Counter()
    for log in sorted(folder.glob("*.log")):
        of = log.name.partition("-")[0]
        for number, line in enumerate(log.read_text(errors="replace").splitlines(), 1):
            lines[of] += 1
            masked = SIGNATURE.sub(lambda signature: note(signature[0]), markers.mask(line))
            if masked != line:
                found += 1
                print(f"{log.name}:{number}: tells what it must not: {masked}")
    by_process = ", ".join(f"{count} of {of}" for of, count in sorted(lines.items()))
    print(f"{lines.total()} lines ({by_process}), {len(texts)} markers, {found} found")
    if not lines or not texts:
        print("there is nothing to look at: were the tests run with SINCH_TEST_LOGS?", file=sys.stderr)
        return 2
    print(f"figure log_lines_searched {lines.total()}")
    print(f"figure log_lines_that_tell {found}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
