"""What a page is run with: the crates as `cargo package` packs them, the tarball of npm, the binary."""

import json
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import shim

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# What is published, each after what it depends on, and where.
CRATES = {
    "sinch-callback-events": "events",
    "sinch-callback": "core",
    "sinch-callback-pipeline": "pipeline",
    "sinch-callback-recovery": "recovery",
    "sinch-callback-inspect": "inspect",
    "sinch-callback-lambda": "lambda-adapter",
    "sinch-callback-server": "server",
    "sinch-callback-cli": "cli",
}
PACKAGE = "sinch-callback"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").resolve()
# The shims ask for the real tools by it.
REAL_PATH = os.environ["PATH"]


@dataclass(frozen=True)
class Artifacts:
    """What was packed, by name."""

    crates: dict[str, str]
    packages: dict[str, str]
    binary: Path | None

    def environment(self, world: Path) -> dict[str, str]:
        """What a page's shell has to know, and what it finds in front of its PATH."""
        packed = {"crates": self.crates, "packages": self.packages}
        if self.binary:
            packed["binary"] = str(self.binary)  # type: ignore[assignment]
        return {
            shim.PACKED: json.dumps(packed),
            shim.PATH: REAL_PATH,
            shim.HOME: str(Path.home()),
            "CARGO_HOME": os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo"),
            "RUSTUP_HOME": os.environ.get("RUSTUP_HOME") or str(Path.home() / ".rustup"),
            # Where `cargo install` puts a program.
            "CARGO_INSTALL_ROOT": str(world),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
        }

    def lay_out(self, world: Path) -> None:
        """Puts above the pages' folders what their tools look for there."""
        programs = world / "bin"
        programs.mkdir()
        for tool in ("cargo", "npm"):
            (programs / tool).symlink_to(HERE / "shim.py")
        if self.binary:
            (programs / "sinch-callback").symlink_to(self.binary)
        settings = world / ".cargo"
        settings.mkdir()
        # What a packed crate depends on is packed too, and in no registry yet. All pages build into one
        # folder.
        patches = [f'{name} = {{ path = "{path}" }}' for name, path in self.crates.items()]
        lines = [
            "[build]",
            "incremental = false",
            f'target-dir = "{TARGET / "docs" / "target"}"',
            "[profile.dev]",
            "debug = 0",
            "[patch.crates-io]",
            *patches,
        ]
        (settings / "config.toml").write_text("".join(f"{line}\n" for line in lines))


def pack(world: Path, binary: Path | None) -> Artifacts:
    """Packs all of it into a folder above the pages', and lays out what they find there."""
    artifacts = Artifacts(_crates(world / "crates"), {PACKAGE: str(_tarball(world / "npm"))}, binary)
    artifacts.lay_out(world)
    return artifacts


def _crates(into: Path) -> dict[str, str]:
    """The folder of each packed crate."""
    names = [word for name in CRATES for word in ("--package", name)]
    command = ["cargo", "package", "--quiet", "--no-verify", "--allow-dirty", "--locked", *names]
    subprocess.run(command, cwd=ROOT, check=True)
    found = {}
    for name in CRATES:
        (crate,) = (TARGET / "package").glob(f"{name}-[0-9]*.crate")
        with tarfile.open(crate) as archive:
            archive.extractall(into, filter="data")
        found[name] = str(into / crate.name.removesuffix(".crate"))
    return found


def _tarball(into: Path) -> Path:
    """The package of npm, as scripts/build-wasm has built it."""
    folder = ROOT / "wasm-adapter" / "js"
    if not (folder / "dist" / "full.wasm").exists():
        raise FileNotFoundError("the package of npm is not built: scripts/build-wasm")
    into.mkdir()
    subprocess.run(
        ["npm", "pack", "--silent", "--pack-destination", into], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    (tarball,) = into.glob("*.tgz")
    return tarball
