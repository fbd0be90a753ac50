#!/usr/bin/env python3
"""Stands in front of cargo and npm for a page: our own packages are those that were packed.

Everything else is what the real tools do. They run outside the page's network namespace, but for what
`cargo run` and `cargo test` have built, which listen and call in there.
"""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import outside

# What a page's environment says of it.
PACKED = "DOCS_PACKED"
PATH = "DOCS_PATH"
HOME = "DOCS_HOME"
SOCKET = "DOCS_OUTSIDE"


@dataclass(frozen=True)
class Step:
    command: list[str]
    # Whether it has to reach a registry.
    fetches: bool


def cargo(arguments: list[str], packed: dict) -> list[Step]:
    """What `cargo ARGUMENTS` means on a page."""
    crates = packed["crates"]
    verb = next((word for word in arguments if not word.startswith(("-", "+"))), "")
    before = arguments[: arguments.index(verb)] if verb else arguments
    after = arguments[len(before) + 1 :]
    if verb == "add" and "--path" not in after:
        names, options = _split(after, {"--features", "-F", "--rename", "-p", "--package"})
        ours = [name for name in names if name.split("@")[0] in crates]
        others = [name for name in names if name not in ours]
        steps = [["add", "--path", crates[name.split("@")[0]], *options] for name in ours]
        if others or not ours:
            steps.append(["add", *others, *options])
        return [Step(["cargo", *before, *words], True) for words in steps]
    if verb == "install" and "--path" not in after:
        names, options = _split(after, {"--features", "-F", "--root", "--version", "--bin"})
        ours = [name for name in names if name.split("@")[0] in crates]
        if ours and "binary" in packed:
            # It is on the PATH: the binary that the run has built.
            return []
        if ours:
            return [
                Step(["cargo", *before, "install", "--path", crates[name.split("@")[0]], *options], True)
                for name in ours
            ]
    if verb in {"run", "r", "test", "t"}:
        own = after[: after.index("--")] if "--" in after else after
        build = ["build", *own] if verb in {"run", "r"} else ["test", "--no-run", *own]
        # What was built is said once.
        again = ["--offline", "--config", "term.quiet=true"]
        return [Step(["cargo", *before, *build], True), Step(["cargo", *before, *again, verb, *after], False)]
    return [Step(["cargo", *arguments], True)]


def npm(arguments: list[str], packed: dict) -> list[Step]:
    """What `npm ARGUMENTS` means on a page."""
    verb = next((word for word in arguments if not word.startswith("-")), "")
    if verb not in {"add", "ci", "i", "init", "install"}:
        return [Step(["npm", *arguments], False)]
    given = [packed["packages"].get(word.split("@")[0], word) if word else word for word in arguments]
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier"] if verb != "init" else []
    return [Step(["npm", *given, *quiet], True)]


def _split(words: list[str], with_value: set[str]) -> tuple[list[str], list[str]]:
    """Names, and options with their values."""
    names: list[str] = []
    options: list[str] = []
    following = iter(words)
    for word in following:
        if word.startswith("-"):
            options.append(word)
            if word in with_value:
                options.append(next(following, ""))
        else:
            names.append(word)
    return names, options


def main() -> int:
    tool, arguments = Path(sys.argv[0]).name, sys.argv[1:]
    environment = {**os.environ, "PATH": os.environ[PATH]}
    packed = json.loads(os.environ[PACKED])
    for step in {"cargo": cargo, "npm": npm}[tool](arguments, packed):
        found = shutil.which(step.command[0], path=environment["PATH"])
        if not found:
            print(f"{tool}: command not found", file=sys.stderr)
            return 127
        command = [found, *step.command[1:]]
        if step.fetches and SOCKET in os.environ:
            status = outside.order(os.environ[SOCKET], command, {**environment, "HOME": os.environ[HOME]})
        elif step.fetches:
            status = os.spawnve(os.P_WAIT, found, command, {**environment, "HOME": os.environ[HOME]})
        else:
            os.execve(found, command, environment)
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
