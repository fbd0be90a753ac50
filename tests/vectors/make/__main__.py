"""Writes tests/vectors/made.json: callbacks made up to have one named trait each, with the verdict they must get.

    scripts/make-vectors           writes the file
    scripts/make-vectors --check   exits 1, with one line, if the file differs or a vector contradicts `hmac`

Every case states its verdict by hand. Only signatures and keys are computed, by Python's hmac and hashlib, never by
the project's own code. The output depends on this folder alone: no clock, no randomness.
"""

import json
import pathlib
import sys

from groups import GROUPS

from check import fault

VECTORS = pathlib.Path(__file__).resolve().parents[1]
MADE = VECTORS / "made.json"
PUBLISHED = VECTORS / "published.json"


def main(arguments: list[str]) -> str | None:
    if arguments not in ([], ["--check"]):
        return "usage: scripts/make-vectors [--check]"
    vectors = [vector for group in GROUPS for vector in group.cases()]
    text = json.dumps(vectors, indent=1) + "\n"
    if arguments:
        try:
            same = MADE.read_bytes() == text.encode()
        except OSError:
            same = False
        if not same:
            return "tests/vectors/made.json differs from what scripts/make-vectors writes: run it"
    try:
        published = json.loads(PUBLISHED.read_bytes())
    except (OSError, ValueError) as error:
        return f"tests/vectors/published.json cannot be read: {error}"
    if wrong := fault(published + json.loads(text)):
        return wrong
    if not arguments:
        MADE.write_bytes(text.encode())
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
