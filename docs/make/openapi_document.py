"""The OpenAPI document, as it is read for its page and for its tests."""

from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")


def resolved(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """A value, or the component of the document that it refers to."""
    if "$ref" not in value:
        return value
    found: Any = document
    for step in value["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found
