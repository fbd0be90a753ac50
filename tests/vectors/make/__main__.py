"""Writes tests/vectors/made.json and tests/vectors/schemes.json: callbacks made up to have one named trait each, with
the verdict they must get. schemes.json begins with what Sinch publishes of its schemes.

    scripts/make-vectors           writes the files
    scripts/make-vectors --check   exits 1, with one line, if a file differs or a vector contradicts the hashes

Every case states its verdict by hand. Only signatures and keys are computed, by Python's hmac and hashlib, never by
the project's own code. The output depends on this folder alone: no clock, no randomness.
"""

import json
import pathlib
import sys
from typing import Any

import scheme_check
from groups import GROUPS
from published import PUBLISHED as PUBLISHED_SCHEMES
from schemes import SCHEMES

from check import fault

VECTORS = pathlib.Path(__file__).resolve().parents[1]
PUBLISHED = VECTORS / "published.json"


def main(arguments: list[str]) -> str | None:
    if arguments not in ([], ["--check"]):
        return "usage: scripts/make-vectors [--check]"
    made = [vector for group in GROUPS for vector in group.cases()]
    schemes = [scheme_check.completed(vector) for vector in PUBLISHED_SCHEMES]
    schemes += [vector for scheme in SCHEMES for vector in scheme.cases()]
    try:
        published = json.loads(PUBLISHED.read_bytes())
    except (OSError, ValueError) as error:
        return f"tests/vectors/published.json cannot be read: {error}"
    if wrong := fault(published + made) or fault(schemes, scheme_check.contradiction):
        return wrong
    files = {"made.json": written(made), "schemes.json": written(schemes)}
    for name, text in files.items():
        path = VECTORS / name
        if not arguments:
            path.write_bytes(text)
        elif not path.exists() or path.read_bytes() != text:
            return f"tests/vectors/{name} differs from what scripts/make-vectors writes: run it"
    return None


def written(vectors: list[dict[str, Any]]) -> bytes:
    return f"{json.dumps(vectors, indent=1)}\n".encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
