"""What a lock file of npm has to hold."""

from collections.abc import Iterator
from typing import Any

from spdx import allows


def complaints(lock: dict[str, Any], shipped: set[str], development: set[str], scripts: set[str]) -> Iterator[str]:
    """Yields what is wrong with a lock file, in words.

    `shipped` are the licenses of what reaches a user, `development` those that only what builds and
    tests may have besides, `scripts` the packages that may run code at their installation.
    """
    if lock.get("lockfileVersion") != 3:
        yield "is not of version 3, which names licenses"
        return
    for path, package in lock["packages"].items():
        # Ourselves, and packages of this repository.
        if not path.startswith("node_modules/") or package.get("link"):
            continue
        name = path.rpartition("node_modules/")[2]
        if "resolved" in package:
            yield f"{name} comes from an address of its own: {package['resolved']}"
        if not package.get("integrity", "").startswith("sha512-"):
            yield f"{name} has no SHA-512 to hold it to"
        if package.get("hasInstallScript") and name not in scripts:
            yield f"{name} runs a script when it is installed"
        licenses = shipped | development if package.get("dev") else shipped
        if not allows(package.get("license"), licenses):
            yield f"{name} is under {package.get('license', 'no license')}"


def packages(lock: dict[str, Any]) -> set[str]:
    """The names of all packages, of which a policy may speak."""
    return {path.rpartition("node_modules/")[2] for path in lock["packages"] if path}
