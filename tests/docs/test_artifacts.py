"""A page finds above its folder what was packed, and nothing of the repository."""

import json
import os
import tomllib
from pathlib import Path

import shim
from artifacts import CRATES, ROOT, Artifacts


def test_tools_above_a_page_find_what_was_packed(tmp_path: Path) -> None:
    binary = tmp_path / "made"
    binary.touch()
    artifacts = Artifacts({"sinch-callback": "/p/core"}, {"sinch-callback": "/p/x.tgz"}, binary)
    artifacts.lay_out(tmp_path)
    settings = tomllib.loads((tmp_path / ".cargo" / "config.toml").read_text())
    assert settings["patch"]["crates-io"] == {"sinch-callback": {"path": "/p/core"}}
    assert os.path.realpath(tmp_path / "bin" / "sinch-callback") == str(binary)
    for tool in ("cargo", "npm"):
        assert os.path.realpath(tmp_path / "bin" / tool) == os.path.realpath(shim.__file__)


def test_a_page_from_source_has_no_binary(tmp_path: Path) -> None:
    artifacts = Artifacts({}, {}, None)
    artifacts.lay_out(tmp_path)
    assert not (tmp_path / "bin" / "sinch-callback").exists()
    environment = artifacts.environment(tmp_path)
    assert "binary" not in json.loads(environment[shim.PACKED])
    assert environment["CARGO_INSTALL_ROOT"] == str(tmp_path)


def test_what_is_packed_is_all_that_may_be_published() -> None:
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]
    published = {}
    for member in workspace["members"]:
        package = tomllib.loads((ROOT / member / "Cargo.toml").read_text())["package"]
        if package.get("publish") != {"workspace": True} and package.get("publish") is not False:
            published[package["name"]] = member
    assert published == CRATES
