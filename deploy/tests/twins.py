"""Broken twins: copies of a template with one change each, which one rule has to find."""

import copy
import pathlib
import subprocess
import sys

import pytest


def put(path, value):
    """A change: the value at a path of keys."""

    def change(template):
        *way, last = path
        for key in way:
            template = template[key]
        template[last] = value

    return change


def drop(*path):
    def change(template):
        *way, last = path
        for key in way:
            template = template[key]
        del template[last]

    return change


def prop(resource, *path, to):
    return put(["Resources", resource, "Properties", *path], to)


def no_prop(resource, *path):
    return drop("Resources", resource, "Properties", *path)


def add(name, kind, properties):
    return put(["Resources", name], {"Type": kind, "Properties": properties})


def statement(role, sid, key, to):
    """A change of one statement of a role."""

    def change(template):
        found = template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        (one,) = [s for s in (s["Fn::If"][1] if "Fn::If" in s else s for s in found) if s["Sid"] == sid]
        one[key] = to

    return change


def changed(template, change):
    twin = copy.deepcopy(template)
    change(twin)
    return twin


def complaining(rules, template):
    """The names of the rules that find something."""
    return [rule.__name__ for rule in rules if list(rule(template))]


def parameters_of(broken):
    """Each rule with each of its broken twins, for pytest."""
    return [
        pytest.param(rule, change, id=f"{rule.__name__}-{name}")
        for rule, twins in broken.items()
        for name, change in twins.items()
    ]


def lint(path):
    command = pathlib.Path(sys.executable).with_name("cfn-lint")
    return subprocess.run([command, path], capture_output=True, text=True, check=False)
