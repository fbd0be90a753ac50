"""The repository's own data, from which each test breaks one thing."""

import copy
import json
import pathlib
import subprocess
import tomllib
from typing import Any

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def workspace() -> dict[str, Any]:
    printed = subprocess.run(
        ["cargo", "metadata", "--quiet", "--locked", "--format-version", "1", "--all-features"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return json.loads(printed.stdout)


@pytest.fixture
def metadata(workspace: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(workspace)


@pytest.fixture
def manifest() -> dict[str, Any]:
    return tomllib.loads((ROOT / "Cargo.toml").read_text())


@pytest.fixture
def lock() -> dict[str, Any]:
    return json.loads((ROOT / "wasm-adapter/js/package-lock.json").read_text())


def package(metadata: dict[str, Any], name: str) -> dict[str, Any]:
    (one,) = [package for package in metadata["packages"] if package["name"] == name]
    return one


def dependency(metadata: dict[str, Any], of: str, name: str) -> dict[str, Any]:
    (one,) = [dependency for dependency in package(metadata, of)["dependencies"] if dependency["name"] == name]
    return one
