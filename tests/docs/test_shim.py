"""Our own packages are the packed ones; everything else is left as it stands."""

from pathlib import Path

import pytest

import shim

PACKED = {
    "crates": {"sinch-callback": "/p/core", "sinch-callback-server": "/p/server", "sinch-callback-cli": "/p/cli"},
    "packages": {"sinch-callback": "/p/x.tgz"},
}

QUIETLY = "--offline --config term.quiet=true"


def cargo(line: str, **more: str) -> list[str]:
    return [" ".join(step.command) for step in shim.cargo(line.split(), {**PACKED, **more})]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("add sinch-callback", ["cargo add --path /p/core"]),
        ("add sinch-callback@0.1", ["cargo add --path /p/core"]),
        ("add sinch-callback --features signing", ["cargo add --path /p/core --features signing"]),
        ("add axum sinch-callback-server", ["cargo add --path /p/server", "cargo add axum"]),
        ("add tokio --features full", ["cargo add tokio --features full"]),
        ("add --path ../sinch-callback/core", ["cargo add --path ../sinch-callback/core"]),
        ("install sinch-callback-cli --locked", ["cargo install --path /p/cli --locked"]),
        ("install ripgrep", ["cargo install ripgrep"]),
        ("init --name receiver", ["cargo init --name receiver"]),
        (
            "run --release -- --port 1",
            ["cargo build --release", f"cargo {QUIETLY} run --release -- --port 1"],
        ),
        ("test", ["cargo test --no-run", f"cargo {QUIETLY} test"]),
    ],
)
def test_cargo(line: str, expected: list[str]) -> None:
    assert cargo(line) == expected


def test_a_made_binary_is_installed_already() -> None:
    assert cargo("install sinch-callback-cli", binary="/p/sinch-callback") == []
    assert cargo("install ripgrep", binary="/p/sinch-callback") == ["cargo install ripgrep"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("install sinch-callback express", "npm install /p/x.tgz express --no-audit --no-fund --no-update-notifier"),
        ("i sinch-callback@latest", "npm i /p/x.tgz --no-audit --no-fund --no-update-notifier"),
        ("run build", "npm run build"),
    ],
)
def test_npm(line: str, expected: str) -> None:
    (step,) = shim.npm(line.split(), PACKED)
    assert " ".join(step.command) == expected


def test_only_what_was_built_runs_inside() -> None:
    fetches = [step.fetches for step in shim.cargo(["run"], PACKED)]
    assert fetches == [True, False]
    assert Path(shim.__file__).stat().st_mode & 0o111
