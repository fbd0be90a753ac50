"""What a requirements file has to hold."""

import re
from collections.abc import Iterator

PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9][A-Za-z0-9.!+-]*)(?:\s+--hash=sha256:[0-9a-f]{64})*")


def requirements(text: str) -> list[str]:
    """Its lines, without comments and with the continued ones joined."""
    joined = text.replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def complaints(text: str) -> Iterator[str]:
    """Yields each line that does not name one exact version from the index."""
    for line in requirements(text):
        if not PIN.fullmatch(line):
            yield f"not pinned to one version: {line}"


def names(text: str) -> set[str]:
    return {re.split(r"[=<>!~\[;@ ]", line)[0] for line in requirements(text)}
