"""DEPENDENCIES.md against what the manifests ask for.

Each table under a heading of HEADINGS has a row for each direct dependency: its name, where it is
used, its license, and why it is there.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

# Of Cargo: what a user runs, or only what tests and measures.
SHIPPED_CRATES = "Rust, in what is shipped"
TEST_CRATES = "Rust, to test and to measure only"
SHIPPED_PACKAGES = "npm, in what is shipped"
BUILD_PACKAGES = "npm, to build and to test only"
PYTHON = "Python, to build, to test and to deploy only"
HEADINGS = (SHIPPED_CRATES, TEST_CRATES, SHIPPED_PACKAGES, BUILD_PACKAGES, PYTHON)


class Row(NamedTuple):
    """A dependency as it stands in a table. `where` has the folders of what asks for it."""

    name: str
    where: frozenset[str]
    license: str


# By the heading that they stand under.
Rows = dict[str, set[Row]]


def crates(metadata: dict[str, Any], root: Path) -> Rows:
    """The rows that a workspace in the repository `root` needs, from `cargo metadata`: {heading: {Row}}."""
    licenses = {(package["name"], package["source"]): package["license"] for package in metadata["packages"]}
    members = set(metadata["workspace_members"])
    shipped: defaultdict[str, set[str]] = defaultdict(set)
    tests: defaultdict[str, set[str]] = defaultdict(set)
    sources: dict[str, str] = {}
    for package in metadata["packages"]:
        if package["id"] not in members:
            continue
        folder = package["manifest_path"].removeprefix(f"{root}/").removesuffix("/Cargo.toml")
        for dependency in package["dependencies"]:
            # Without a source it is of this repository.
            if not dependency["source"]:
                continue
            name = dependency["name"]
            sources[name] = dependency["source"]
            kind = tests if dependency["kind"] == "dev" or folder.split("/")[0] == "tests" else shipped
            kind[name].add(folder)
    rows: Rows = {SHIPPED_CRATES: set(), TEST_CRATES: set()}
    for name, source in sources.items():
        heading, where = (SHIPPED_CRATES, shipped) if name in shipped else (TEST_CRATES, tests)
        rows[heading].add(Row(name, frozenset(where[name]), licenses.get((name, source)) or "none"))
    return rows


def packages(folder: str, manifest: dict[str, Any], lock: dict[str, Any], shipped: bool) -> Rows:
    """The rows that one package.json needs: {heading: {Row}}. What `shipped` folders depend on is."""
    rows: Rows = {SHIPPED_PACKAGES: set(), BUILD_PACKAGES: set()}
    for key in ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies"):
        for name, version in manifest.get(key, {}).items():
            # Of this repository.
            if version.startswith("file:"):
                continue
            heading = SHIPPED_PACKAGES if shipped and key != "devDependencies" else BUILD_PACKAGES
            license = lock["packages"].get(f"node_modules/{name}", {}).get("license", "none")
            rows[heading].add(Row(name, frozenset([folder]), license))
    return rows


def merged(tables: Iterable[Rows]) -> Rows:
    """Several {heading: {Row}} as one, in which a name has one row."""
    found: defaultdict[str, dict[str, Row]] = defaultdict(dict)
    for table in tables:
        for heading, rows in table.items():
            for row in rows:
                known = found[heading].get(row.name)
                where = row.where | known.where if known else row.where
                found[heading][row.name] = Row(row.name, where, row.license)
    return {heading: set(rows.values()) for heading, rows in found.items()}


def tables(text: str) -> dict[str, list[list[str]]]:
    """The rows of DEPENDENCIES.md: {heading: [[cell]]}."""
    found: defaultdict[str, list[list[str]]] = defaultdict(list)
    heading = ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif line.startswith("|") and not re.fullmatch(r"[|\s:-]+", line):
            found[heading].append([cell.strip() for cell in line.strip("|").split("|")])
    # The first line of each has the columns' names.
    return {heading: rows[1:] for heading, rows in found.items()}


def complaints(text: str, needed: Rows, pinned: set[str]) -> Iterator[str]:
    """Yields where the tables are not what the manifests need.

    `needed` are the rows of crates and packages, `pinned` the names in the requirements of Python: each
    has a row, or is named in the third cell of one as brought by it.
    """
    written = tables(text)
    for heading in HEADINGS:
        for cells in written.get(heading, []):
            if len(cells) != 4 or not all(cells):
                yield f"{cells[0]} has an empty cell, or has not four"
    for heading in HEADINGS[:4]:
        rows = [Row(c[0], frozenset(c[1].split(", ")), c[2]) for c in written.get(heading, []) if len(c) == 4]
        yield from differences(heading, rows, needed.get(heading, set()))
    python = [cells for cells in written.get(PYTHON, []) if len(cells) == 4]
    named = {cells[0] for cells in python} | {name for cells in python for name in brought(cells[2])}
    for name in sorted(pinned - named):
        yield f"{name} is missing under “{PYTHON}”"
    for name in sorted(named - pinned):
        yield f"{name} stands under “{PYTHON}”, and no requirements file has it"


def brought(cell: str) -> set[str]:
    return set() if cell == "nothing" else set(cell.split(", "))


def differences(heading: str, written: list[Row], needed: set[Row]) -> Iterator[str]:
    asked = {row.name: row for row in needed}
    seen = set()
    for row in written:
        if row.name in seen:
            yield f"{row.name} stands twice under “{heading}”"
        seen.add(row.name)
        if row.name not in asked:
            yield f"{row.name} stands under “{heading}”, and nothing there asks for it"
            continue
        expected = asked[row.name]
        if row.where != expected.where:
            yield f"{row.name} is used in {', '.join(sorted(expected.where))}, not {', '.join(sorted(row.where))}"
        if row.license != expected.license:
            yield f"{row.name} is under {expected.license}, not {row.license}"
    for name in sorted(asked.keys() - seen):
        yield f"{name} is missing under “{heading}”"
