"""Prints what is wrong with the lock files, the pins and DEPENDENCIES.md: check.py METADATA ...

METADATA are files with the output of `cargo metadata`, one for each Cargo.lock. cargo-deny judges what
Cargo brings; the rules here are for the rest.
"""

import json
import pathlib
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from typing import Any

import cargo_manifests
import documented
import npm_lock
import python_pins

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Folders whose package.json becomes a part of what a user runs.
SHIPPED = {"edge", "wasm-adapter/js"}


def files(pattern: str) -> list[str]:
    """Those of the repository, also where they are new."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", pattern],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [path for path in sorted(set(listed.stdout.split("\0"))) if path and (ROOT / path).exists()]


def complaints(metadata: list[dict[str, Any]]) -> Iterator[str]:
    with open(ROOT / "deny.toml", "rb") as file:
        shipped = set(tomllib.load(file)["licenses"]["allow"])
    with open(ROOT / "tests/supply/npm.toml", "rb") as file:
        npm = tomllib.load(file)
    development, scripts = set(npm["licenses"]), set(npm["scripts"])

    for one in metadata:
        with open(pathlib.Path(one["workspace_root"]) / "Cargo.toml", "rb") as file:
            manifest = tomllib.load(file)
        for complaint in cargo_manifests.complaints(one, manifest):
            yield f"Cargo.toml: {complaint}"
    tables = [documented.crates(one, ROOT) for one in metadata]
    present = set()
    for path in files("*package.json"):
        folder = path.removesuffix("/package.json")
        lock_path = ROOT / folder / "package-lock.json"
        if not lock_path.exists():
            yield f"{folder}: has no lock file"
            continue
        lock = json.loads(lock_path.read_text())
        present |= npm_lock.packages(lock)
        # Where all is development, so are the packages that its lock file does not call so.
        licenses = shipped if folder in SHIPPED else shipped | development
        for complaint in npm_lock.complaints(lock, licenses, development, scripts):
            yield f"{folder}/package-lock.json: {complaint}"
        manifest = json.loads((ROOT / path).read_text())
        tables.append(documented.packages(folder, manifest, lock, folder in SHIPPED))
    for name in sorted(scripts - present):
        yield f"tests/supply/npm.toml: no lock file has {name} any more"

    pinned = set()
    for path in files("*requirements*.txt"):
        text = (ROOT / path).read_text()
        pinned |= python_pins.names(text)
        for complaint in python_pins.complaints(text):
            yield f"{path}: {complaint}"

    text = (ROOT / "DEPENDENCIES.md").read_text()
    for complaint in documented.complaints(text, documented.merged(tables), pinned):
        yield f"DEPENDENCIES.md: {complaint}"


def main() -> None:
    metadata = [json.loads(pathlib.Path(path).read_text()) for path in sys.argv[1:]]
    found = list(complaints(metadata))
    for complaint in found:
        print(complaint)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
