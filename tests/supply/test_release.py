"""A release is refused while release.toml leaves something out, or a manifest says something else."""

import importlib.machinery
import importlib.util
import json
import shutil
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from conftest import ROOT

SCRIPT = ROOT / "scripts" / "release-check"
VALUES = {
    "repository": "https://example.com/sinch-callback",
    "homepage": "https://example.com",
    "issues": "https://example.com/issues",
    "contact": "security@example.com",
}
WORKSPACE = """[workspace]
members = ["core", "tests"]

[workspace.package]
repository = "https://example.com/sinch-callback"
homepage = "https://example.com"
"""
MEMBER = """[package]
name = "core"
repository.workspace = true
homepage.workspace = true
"""
OWN = """[package]
name = "tests"
publish.workspace = true
"""
PACKAGE = {
    "repository": {"type": "git", "url": "git+https://example.com/sinch-callback.git"},
    "homepage": "https://example.com",
    "bugs": {"url": "https://example.com/issues"},
}


def module() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("release_check", str(SCRIPT))
    spec = importlib.util.spec_from_loader("release_check", loader)
    assert spec
    loaded = importlib.util.module_from_spec(spec)
    loader.exec_module(loaded)
    return loaded


CHECK = module()


def found(root: Path, member: str = MEMBER, **changes: str) -> list[str]:
    values = {**VALUES, **changes}
    (root / "release.toml").write_text("".join(f'{key} = "{value}"\n' for key, value in values.items()))
    (root / "Cargo.toml").write_text(WORKSPACE)
    for name, text in (("core", member), ("tests", OWN)):
        (root / name).mkdir(exist_ok=True)
        (root / name / "Cargo.toml").write_text(text)
    (root / "wasm-adapter" / "js").mkdir(parents=True, exist_ok=True)
    (root / "wasm-adapter" / "js" / "package.json").write_text(json.dumps(PACKAGE))
    return CHECK.complaints(root, CHECK.KEYS)


def test_what_is_filled_in_everywhere_passes(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize("key", VALUES)
def test_what_is_empty_is_named_with_what_to_fill_in(key: str, tmp_path: Path) -> None:
    complaint = found(tmp_path, **{key: ""})[0]
    assert complaint.startswith(f"release.toml: {key} is empty: fill in ")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"contact": "somebody"}, "release.toml: contact is 'somebody': fill in an address or an https URL"),
        ({"issues": "http://example.com"}, "release.toml: issues is 'http://example.com': fill in an https URL"),
        ({"more": "x"}, "release.toml: nothing reads more"),
        (
            {"homepage": "https://other.example"},
            "Cargo.toml: homepage is 'https://example.com', and release.toml has 'https://other.example'",
        ),
        (
            {"issues": "https://other.example"},
            "package.json: bugs is 'https://example.com/issues', and release.toml has 'https://other.example'",
        ),
    ],
)
def test_what_is_wrong_or_differs_is_found(changes: dict[str, str], complaint: str, tmp_path: Path) -> None:
    assert complaint in found(tmp_path, **changes)


def test_a_crate_that_does_not_take_over_what_the_workspace_says_is_found(tmp_path: Path) -> None:
    member = MEMBER.replace("homepage.workspace = true\n", "")
    assert found(tmp_path, member) == ["core/Cargo.toml: add homepage.workspace = true"]


def test_the_manifests_say_what_the_file_says() -> None:
    subprocess.run([str(SCRIPT), "--manifests"], check=True)


def test_nothing_is_published_while_a_value_is_empty(tmp_path: Path) -> None:
    members = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["members"]
    manifests = [f"{member}/Cargo.toml" for member in members]
    scripts = ("scripts/publish", "scripts/release-check")
    for name in (*scripts, "Cargo.toml", "wasm-adapter/js/package.json", *manifests):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "release.toml").write_text("".join(f'{key} = ""\n' for key in VALUES))
    command = [str(tmp_path / "scripts" / "publish"), "--dry-run"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert "release.toml: repository is empty: fill in an https URL" in done.stderr
    assert not done.stdout
