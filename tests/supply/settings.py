"""The tables of settings in the documentation, against the code that reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

PAGE = "docs/src/reference/configuration.md"
# Where clap's flags of `serve` are declared.
FLAGS = ("args.rs", "admin.rs", "recovery.rs")
OTHER_FLAGS = ("cli/src/secrets.rs", "cli/src/logs.rs")
VARIABLES = "lambda-adapter/src/config.rs"
# Lambda sets it by itself.
OF_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME"


def flags(root: Path) -> set[str]:
    """The long names of the flags of `serve` that its help shows."""
    sources = [root / "cli/src/serve" / name for name in FLAGS] + [root / name for name in OTHER_FLAGS]
    found = set()
    for source in sources:
        for attribute, field in re.findall(
            r"#\[arg\((.*?)\)\]\s*(?:pub(?:\([a-z]+\))? )?(\w+):", source.read_text(), re.DOTALL
        ):
            if re.search(r"\bhide = true\b", attribute):
                continue
            named = re.search(r'long = "([\w-]+)"', attribute)
            found.add(named[1] if named else field.replace("_", "-"))
    return found


def variables(root: Path) -> set[str]:
    """The names of the variables that the functions read."""
    code, tests, _ = (root / VARIABLES).read_text().partition("#[cfg(test)]")
    assert tests
    return set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', code)) - {OF_LAMBDA}


def written(text: str) -> tuple[list[str], list[str]]:
    """The names in the page's tables: flags, and variables."""
    cells = re.findall(r"^\| ((?:`[\w-]+`(?:, )?)+) \|", text, re.MULTILINE)
    names = [name for cell in cells for name in re.findall(r"`([\w-]+)`", cell)]
    return [name for name in names if name.islower()], [name for name in names if name.isupper()]


def complaints(text: str, of_flags: set[str], of_variables: set[str]) -> Iterator[str]:
    """Where the tables do not have what the code reads."""
    for names, read in zip(written(text), (of_flags, of_variables), strict=True):
        yield from (f"{name} is missing" for name in sorted(read - set(names)))
        yield from (f"{name} is read nowhere" for name in sorted(set(names) - read))
        yield from (f"{name} stands there twice" for name in sorted({name for name in names if names.count(name) > 1}))
