"""cargo-deny, as scripts/check-supply runs it, finds each thing that deny.toml forbids."""

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cargo_manifests
from conftest import ROOT, dependency, package

INDEX = "registry+https://registry.invalid/index"
GIT = "git+https://git.invalid/spin?rev=0123456#0123456"

Change = Callable[[dict[str, Any]], None]


def judged(metadata: dict[str, Any], folder: Path) -> tuple[int, str]:
    """Exit status and output of the whole check on this metadata."""
    file = folder / "Cargo.lock"
    file.write_text(json.dumps(metadata))
    run = subprocess.run(
        ["scripts/check-supply", "--metadata", file],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stdout + run.stderr


def license(name: str, expression: str) -> Change:
    def change(metadata: dict[str, Any]) -> None:
        package(metadata, name)["license"] = expression

    return change


def no_license(metadata: dict[str, Any]) -> None:
    one = package(metadata, "spin")
    one["license"] = None
    # Away from the text of its license, which would do instead.
    one["manifest_path"] = "/nowhere/Cargo.toml"


def source(new: str) -> Change:
    def change(metadata: dict[str, Any]) -> None:
        one = package(metadata, "spin")
        old = one["source"], one["id"]
        renamed = json.loads(json.dumps(metadata).replace(old[1], f"{new}#spin@{one['version']}"))
        metadata.clear()
        metadata.update(renamed)
        package(metadata, "spin")["source"] = new
        dependency(metadata, "sinch-callback-wasm", "spin")["source"] = new.partition("#")[0]

    return change


def any_version(metadata: dict[str, Any]) -> None:
    dependency(metadata, "sinch-callback-wasm", "spin")["req"] = "*"


def second_version(metadata: dict[str, Any]) -> None:
    first = package(metadata, "spin")
    second = copy.deepcopy(first)
    second["version"], second["id"] = "0.1.0", first["id"].replace(first["version"], "0.1.0")
    metadata["packages"].append(second)
    nodes = metadata["resolve"]["nodes"]
    (node,) = [copy.deepcopy(node) for node in nodes if node["id"] == first["id"]]
    nodes.append({**node, "id": second["id"]})
    for node in nodes:
        if node["id"] == package(metadata, "talc")["id"]:
            node["dependencies"].append(second["id"])
            node["deps"].append(
                {
                    "name": "spin",
                    "pkg": second["id"],
                    "dep_kinds": [{"kind": None, "target": None}],
                }
            )
    wanted = copy.deepcopy(dependency(metadata, "sinch-callback-wasm", "spin"))
    package(metadata, "talc")["dependencies"].append({**wanted, "req": "^0.1"})


def renamed(old: str, new: str) -> Change:
    def change(metadata: dict[str, Any]) -> None:
        text = json.dumps(metadata).replace(f'"{old}"', f'"{new}"').replace(f"#{old}@", f"#{new}@")
        metadata.clear()
        metadata.update(json.loads(text))

    return change


BROKEN = {
    "a license that is not allowed": (license("spin", "GPL-3.0-only"), "license is not explicitly allowed"),
    "two licenses of which one is not allowed": (license("spin", "MIT AND GPL-3.0-only"), "error[rejected]"),
    "no license": (no_license, "error[unlicensed]"),
    "another registry": (source(INDEX), "detected 'registry' source not explicitly allowed"),
    "a git repository": (source(GIT), "detected 'git' source not explicitly allowed"),
    "any version": (any_version, "error[wildcard]"),
    "a second version": (second_version, "error[duplicate]"),
    "a crate that is banned": (renamed("talc", "openssl-sys"), "error[banned]"),
    "a license that nobody has any more": (license("webpki-roots", "MIT"), "error[license-not-encountered]"),
}


def test_what_the_repository_has_passes(metadata: dict[str, Any], tmp_path: Path) -> None:
    status, output = judged(metadata, tmp_path)
    assert status == 0, output


@pytest.mark.parametrize("name", BROKEN)
def test_found(name: str, metadata: dict[str, Any], tmp_path: Path) -> None:
    change, expected = BROKEN[name]
    change(metadata)
    status, output = judged(metadata, tmp_path)
    assert status == 1
    assert expected in output


def test_a_crate_outside_the_repository_is_found(metadata: dict[str, Any], manifest: dict[str, Any]) -> None:
    package(metadata, "sinch-callback-pipeline")["manifest_path"] = "/elsewhere/pipeline/Cargo.toml"
    assert list(cargo_manifests.complaints(metadata, manifest)) == [
        "sinch-callback-pipeline lies outside this repository",
    ]


def test_a_dependency_of_the_workspace_that_no_crate_uses_is_found(
    metadata: dict[str, Any], manifest: dict[str, Any]
) -> None:
    manifest["workspace"]["dependencies"]["left-pad"] = "1"
    assert list(cargo_manifests.complaints(metadata, manifest)) == [
        "left-pad is named for the workspace, and no crate uses it",
    ]


def test_the_manifests_pass(metadata: dict[str, Any], manifest: dict[str, Any]) -> None:
    assert list(cargo_manifests.complaints(metadata, manifest)) == []
