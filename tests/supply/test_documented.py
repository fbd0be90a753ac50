"""DEPENDENCIES.md fails where it is not what the manifests ask for."""

from typing import Any

import pytest

import documented
from conftest import ROOT, dependency, package
from documented import BUILD_PACKAGES, PYTHON, SHIPPED_CRATES, SHIPPED_PACKAGES, Row

TEXT = f"""
## {SHIPPED_CRATES}

| crate | in | license | what for |
|---|---|---|---|
| spin | wasm-adapter | MIT | a lock |

## {PYTHON}

| package | in | brings | what for |
|---|---|---|---|
| pytest | tests | pluggy, iniconfig | runs the tests |
"""
NEEDED = {SHIPPED_CRATES: {Row("spin", frozenset(["wasm-adapter"]), "MIT")}}
PINNED = {"pytest", "pluggy", "iniconfig"}


def found(text: str = TEXT, needed: Any = NEEDED, pinned: set[str] = PINNED) -> list[str]:
    return list(documented.complaints(text, needed, pinned))


def test_what_is_asked_for_and_written_passes() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("| spin | wasm-adapter | MIT | a lock |\n", "", [f"spin is missing under “{SHIPPED_CRATES}”"]),
        (
            "| a lock |\n",
            "| a lock |\n| talc | core | MIT | x |\n",
            [f"talc stands under “{SHIPPED_CRATES}”, and nothing there asks for it"],
        ),
        (
            "| a lock |\n",
            "| a lock |\n| spin | wasm-adapter | MIT | x |\n",
            [f"spin stands twice under “{SHIPPED_CRATES}”"],
        ),
        ("| wasm-adapter |", "| core, wasm-adapter |", ["spin is used in wasm-adapter, not core, wasm-adapter"]),
        ("| MIT |", "| ISC |", ["spin is under MIT, not ISC"]),
        ("| a lock |", "| |", ["spin has an empty cell, or has not four"]),
        (", iniconfig", "", [f"iniconfig is missing under “{PYTHON}”"]),
        ("pluggy", "plugin, pluggy", [f"plugin stands under “{PYTHON}”, and no requirements file has it"]),
        (
            "| pluggy, iniconfig |",
            "| nothing |",
            [f"iniconfig is missing under “{PYTHON}”", f"pluggy is missing under “{PYTHON}”"],
        ),
    ],
)
def test_a_table_that_is_not_what_is_asked_for_is_found(old: str, new: str, expected: str) -> None:
    assert old in TEXT
    assert found(TEXT.replace(old, new)) == expected


def test_a_new_dependency_of_a_crate_is_asked_for(metadata: dict[str, Any]) -> None:
    added = {**dependency(metadata, "sinch-callback-wasm", "spin"), "name": "subtle"}
    package(metadata, "sinch-callback-wasm")["dependencies"].append(added)
    (subtle,) = [row for row in documented.crates(metadata, ROOT)[SHIPPED_CRATES] if row.name == "subtle"]
    assert subtle == Row("subtle", frozenset(["core", "server", "wasm-adapter"]), "BSD-3-Clause")


def test_a_dependency_of_tests_that_is_shipped_too_stands_once(metadata: dict[str, Any]) -> None:
    rows = documented.crates(metadata, ROOT)
    assert "fastrand" in {row.name for row in rows[SHIPPED_CRATES]}
    assert "fastrand" not in {row.name for row in rows[documented.TEST_CRATES]}


def test_what_a_package_depends_on_is_shipped_and_what_builds_it_is_not(lock: dict[str, Any]) -> None:
    manifest = {"dependencies": {"esbuild": "^0.28.2", "ours": "file:../ours"}, "devDependencies": {"typescript": "7"}}
    assert documented.packages("edge", manifest, lock, shipped=True) == {
        SHIPPED_PACKAGES: {Row("esbuild", frozenset(["edge"]), "MIT")},
        BUILD_PACKAGES: {Row("typescript", frozenset(["edge"]), "Apache-2.0")},
    }
