"""What Cargo's manifests have to hold beyond what cargo-deny knows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]


def complaints(metadata: dict[str, Any], manifest: dict[str, Any]) -> Iterator[str]:
    """Yields what is wrong with a workspace, from `cargo metadata` and its parsed Cargo.toml."""
    root = f"{REPOSITORY}/"
    for package in metadata["packages"]:
        # Without a source it lies on this machine's disk.
        if not package["source"] and not package["manifest_path"].startswith(root):
            yield f"{package['name']} lies outside this repository"
    members = set(metadata["workspace_members"])
    used = {
        dependency["name"]
        for package in metadata["packages"]
        if package["id"] in members
        for dependency in package["dependencies"]
    }
    for name in manifest.get("workspace", {}).get("dependencies", {}):
        if name not in used:
            yield f"{name} is named for the workspace, and no crate uses it"
