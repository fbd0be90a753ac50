"""Each rule over npm's lock files finds what it is about."""

from collections.abc import Callable
from typing import Any

import pytest

import npm_lock
from spdx import allows

NAME = "node_modules/typescript"
POLICY = {"shipped": {"MIT", "Apache-2.0"}, "development": {"MPL-2.0"}, "scripts": {"esbuild"}}

Change = Callable[[dict[str, Any]], None]


def having(**changes: Any) -> Change:
    def change(lock: dict[str, Any]) -> None:
        lock["packages"][NAME].update(changes)

    return change


def without(key: str) -> Change:
    def change(lock: dict[str, Any]) -> None:
        del lock["packages"][NAME][key]

    return change


def old_version(lock: dict[str, Any]) -> None:
    lock["lockfileVersion"] = 2


def shipped_mozilla(lock: dict[str, Any]) -> None:
    having(license="MPL-2.0")(lock)
    without("dev")(lock)


BROKEN = {
    "an install script": (having(hasInstallScript=True), "typescript runs a script when it is installed"),
    "an address": (
        having(resolved="https://elsewhere.invalid/typescript.tgz"),
        "typescript comes from an address of its own: https://elsewhere.invalid/typescript.tgz",
    ),
    "no integrity": (without("integrity"), "typescript has no SHA-512 to hold it to"),
    "a weak hash": (having(integrity="sha1-made+up"), "typescript has no SHA-512 to hold it to"),
    "a license": (having(license="GPL-3.0-only"), "typescript is under GPL-3.0-only"),
    "no license": (without("license"), "typescript is under no license"),
    "a license for development, shipped": (shipped_mozilla, "typescript is under MPL-2.0"),
    "an old lock file": (old_version, "is not of version 3, which names licenses"),
}


def test_what_the_repository_has_passes(lock: dict[str, Any]) -> None:
    assert list(npm_lock.complaints(lock, **POLICY)) == []


@pytest.mark.parametrize("name", BROKEN)
def test_found(name: str, lock: dict[str, Any]) -> None:
    change, expected = BROKEN[name]
    change(lock)
    assert list(npm_lock.complaints(lock, **POLICY)) == [expected]


def test_a_license_for_development_passes_there(lock: dict[str, Any]) -> None:
    having(license="MPL-2.0")(lock)
    assert list(npm_lock.complaints(lock, **POLICY)) == []


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("MIT AND Apache-2.0", True),
        ("GPL-3.0-only AND MIT OR Apache-2.0", True),
        ("GPL-3.0-only AND (MIT OR Apache-2.0)", False),
        ("(MIT OR GPL-3.0-only) AND Apache-2.0", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("MIT/Apache-2.0", True),
        ("MIT Apache-2.0", False),
        ("(MIT", False),
        ("MIT OR", False),
        ("SEE LICENSE IN LICENSE.md", False),
        ("", False),
        (None, False),
    ],
)
def test_an_expression_is_allowed_where_a_choice_is(expression: str, allowed: bool) -> None:
    assert allows(expression, {"MIT", "Apache-2.0"}) is allowed
