"""Every event that a receiver posts is of events.schema.json, which has no other types than there are."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from served import World

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "src" / "reference" / "events.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def types(schema: dict[str, Any]) -> Iterator[str]:
    """Every type of event that a schema has."""
    for kind in schema["oneOf"]:
        said = schema["$defs"][kind["$ref"].rsplit("/", 1)[-1]]["properties"]["type"]
        yield from [said["const"]] if "const" in said else said["enum"]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    listed = list(types(SCHEMA))
    assert len(listed) == len(set(listed))


def test_every_event_is_of_the_schema(world: World) -> None:
    assert len(world.collector.events) > 100
    for event in world.collector.events:
        VALIDATOR.validate(event)


def test_every_type_is_seen(world: World) -> None:
    assert world.collector.types() == set(types(SCHEMA))


def test_the_page_names_every_type() -> None:
    page = (ROOT / "docs" / "src" / "reference" / "events.md").read_text()
    missing = [kind for kind in types(SCHEMA) if kind not in page and f"`.{kind.split('.')[1]}`" not in page]
    assert not missing


@pytest.mark.parametrize("change", ["a field more", "a field less", "another type", "a state that is none"])
def test_an_event_of_another_form_is_refused(world: World, change: str) -> None:
    event = copy.deepcopy(next(event for event in world.collector.events if event["type"] == "delivery.failed"))
    VALIDATOR.validate(event)
    match change:
        case "a field more":
            event["more"] = 1
        case "a field less":
            del event["version"]
        case "another type":
            event["type"] = "delivery.lost"
        case _:
            event["state"] = "queued"
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(event)
