"""Looks for secrets, nonces, signatures and bodies in every log line that the tests have kept.

usage: check_logs.py DIR

DIR holds *.log, and markers.txt with a text on each line (tests/kept_logs.py). Whatever has the form
of a signature is found too. Exit status: 0 when there is none, 1 when there is one, 2 when there was
nothing to look at.
"""

import pathlib
import re
import sys

SIGNATURE = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?!=)")
WORD = re.compile(r"[A-Za-z0-9+/=_-]{6,}")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = pathlib.Path(sys.argv[1])
    listed = folder / "markers.txt"
    markers = set(listed.read_text().splitlines()) - {""} if listed.exists() else set()
    words = {marker for marker in markers if WORD.fullmatch(marker)}
    texts = sorted(markers - words)
    logs, lines, found = 0, 0, 0
    for log in sorted(folder.glob("*.log")):
        logs += 1
        for number, line in enumerate(log.read_text(errors="replace").splitlines(), 1):
            lines += 1
            told = set(WORD.findall(line)) & words | {text for text in texts if text in line}
            if told or SIGNATURE.search(line):
                found += 1
                # Not the line: it would stand in the next log.
                print(f"{log.name}:{number}: a line of {len(line)} characters tells what it must not")
    print(f"{lines} lines of {logs} logs, {len(markers)} markers, {found} found")
    if not lines or not markers:
        print("there is nothing to look at: were the tests run with SINCH_TEST_LOGS?", file=sys.stderr)
        return 2
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
