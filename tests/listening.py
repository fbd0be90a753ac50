"""On which addresses processes listen."""

import os
from collections.abc import Iterable
from pathlib import Path

# As the kernel writes it, in hex.
LOOPBACK = "0100007F"


def addresses(pids: Iterable[int]) -> set[str]:
    sockets = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                sockets.add(os.readlink(descriptor))
            except FileNotFoundError:
                continue
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if state == "0A" and f"socket:[{rest[5]}]" in sockets:
                found.add(local.split(":")[0])
    return found
