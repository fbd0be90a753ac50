"""Broken twins: copies of a template with one change each, which one rule has to find."""

import copy
import pathlib
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from stacks import Complaints, Template

# What makes a twin of a template, and what has to find it.
Change = Callable[[Template], None]
Rule = Callable[[Template], Complaints]
# Each rule with its twins, by what is wrong with them.
Broken = Mapping[Rule, Mapping[str, Change]]


def put(path: Sequence[str | int], value: Any) -> Change:
    """A change: the value at a path of keys."""

    def change(template: Template) -> None:
        *way, last = path
        place: Any = template
        for key in way:
            place = place[key]
        place[last] = value

    return change


def drop(*path: str | int) -> Change:
    def change(template: Template) -> None:
        *way, last = path
        place: Any = template
        for key in way:
            place = place[key]
        del place[last]

    return change


def prop(resource: str, *path: str | int, to: Any) -> Change:
    return put(["Resources", resource, "Properties", *path], to)


def no_prop(resource: str, *path: str | int) -> Change:
    return drop("Resources", resource, "Properties", *path)


def add(name: str, kind: str, properties: dict[str, Any]) -> Change:
    return put(["Resources", name], {"Type": kind, "Properties": properties})


def statement(role: str, sid: str, key: str, to: Any) -> Change:
    """A change of one statement of a role."""

    def change(template: Template) -> None:
        found = template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        (one,) = [s for s in (s["Fn::If"][1] if "Fn::If" in s else s for s in found) if s["Sid"] == sid]
        one[key] = to

    return change


def changed(template: Template, change: Change) -> Template:
    twin = copy.deepcopy(template)
    change(twin)
    return twin


def complaining(rules: Sequence[Rule], template: Template) -> list[str]:
    """The names of the rules that find something."""
    return [rule.__name__ for rule in rules if list(rule(template))]


def suite_of(rules: Sequence[Rule], good: Template, broken: Broken) -> tuple[Callable[..., None], ...]:
    """Tests that a template holds its rules, that each twin fails by its rule alone, and that each rule has one."""
    twins = [
        pytest.param(rule, change, id=f"{rule.__name__}-{name}")
        for rule, changes in broken.items()
        for name, change in changes.items()
    ]

    @pytest.mark.parametrize("rule", rules, ids=lambda rule: rule.__name__)
    def holds(rule: Rule) -> None:
        assert list(rule(good)) == []

    @pytest.mark.parametrize("rule, change", twins)
    def fails(rule: Rule, change: Change) -> None:
        assert complaining(rules, changed(good, change)) == [rule.__name__]

    def has_twin() -> None:
        assert list(broken) == list(rules)

    return holds, fails, has_twin


def lint(path: pathlib.Path) -> subprocess.CompletedProcess[str]:
    command = pathlib.Path(sys.executable).with_name("cfn-lint")
    return subprocess.run([command, path], capture_output=True, text=True, check=False)
