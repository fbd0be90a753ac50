#!/usr/bin/env python3
"""Runs pytest with what the pages need, in a network namespace of its own where the system lets us.

    run.py [--from-source] PYTEST-ARGUMENTS

Inside there is nothing but the loopback, so that a page finds each port free that it names, and reaches
nobody. With --from-source pages install the binary as their reader does, from the packed crate.
"""

import array
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import artifacts
import outside
import shim

sys.path.insert(0, str(artifacts.HERE.parent))

import receiver

INSIDE = "--inside"
WORLD = "DOCS_WORLD"
FROM_SOURCE = "DOCS_FROM_SOURCE"
# From linux/sockios.h and linux/if.h.
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


def raise_loopback() -> None:
    """A new namespace has one, which is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as some:
        request = array.array("B", struct.pack("16sH14x", b"lo", 0))
        fcntl.ioctl(some, SIOCGIFFLAGS, request)
        (flags,) = struct.unpack_from("H", request, 16)
        struct.pack_into("H", request, 16, flags | IFF_UP)
        fcntl.ioctl(some, SIOCSIFFLAGS, request)


def has_namespaces() -> bool:
    return (
        bool(shutil.which("unshare"))
        and not subprocess.run(["unshare", "-rn", "true"], check=False, stderr=subprocess.DEVNULL).returncode
    )


def main() -> int:
    arguments = sys.argv[1:]
    if arguments[:1] == [INSIDE]:
        raise_loopback()
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments[1:]])
    from_source = arguments[:1] == ["--from-source"]
    if from_source:
        arguments = arguments[1:]
    with tempfile.TemporaryDirectory(prefix="docs-") as name:
        world = Path(name)
        packed = artifacts.pack(world, None if from_source else receiver.binary())
        environment = {**os.environ, **packed.environment(world), WORLD: name}
        if from_source:
            environment[FROM_SOURCE] = "1"
        command = [sys.executable, "-m", "pytest", *arguments]
        if not has_namespaces():
            return subprocess.run(command, check=False, env=environment).returncode
        place = world / "outside"
        orders = outside.Outside(place)
        try:
            command = ["unshare", "-rn", sys.executable, __file__, INSIDE, *arguments]
            return subprocess.run(command, check=False, env={**environment, shim.SOCKET: str(place)}).returncode
        finally:
            orders.close()


if __name__ == "__main__":
    sys.exit(main())
