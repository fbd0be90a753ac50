"""reference/cli.md: every command's own help, as the binary prints it."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

HEAD = """\
<!-- Made by scripts/make-docs: do not edit. -->
# Command line

The help of `sinch-callback` and of each of its commands, as the binary prints it. Every setting has a flag, an
environment variable and a place in a file: see [configuration](configuration.md). The commands `secret`, `redrive`
and `dashboard` and the flag `--table` are in a binary that was built with the feature `aws`:
`cargo install sinch-callback-cli --features aws`.
"""
COMMANDS = re.compile(r"^Commands:\n((?:  .*\n)+)", re.MULTILINE)
# Further lines of a description are indented deeper.
COMMAND = re.compile(r"^  (\S+)", re.MULTILINE)


def page(binary: Path) -> str:
    return HEAD + "".join(_sections(binary, ()))


def _sections(binary: Path, path: tuple[str, ...]) -> Iterator[str]:
    text = _help(binary, path)
    yield f"\n{'#' * min(len(path) + 2, 4)} {' '.join(('sinch-callback', *path))}\n\n```text\n{text}```\n"
    for name in _commands(text):
        yield from _sections(binary, (*path, name))


def _commands(text: str) -> list[str]:
    """What a help lists as commands, but for `help` itself."""
    listed = COMMANDS.search(text)
    return [name for name in COMMAND.findall(listed[1]) if name != "help"] if listed else []


def _help(binary: Path, path: tuple[str, ...]) -> str:
    # Without an environment: a help shows the values of variables.
    done = subprocess.run([binary, *path, "--help"], env={}, check=True, capture_output=True, text=True)
    return "".join(f"{line.rstrip()}\n" for line in done.stdout.rstrip().splitlines())
