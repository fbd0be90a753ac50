"""docs/src/reference/openapi.json, and what a server does otherwise than it says."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import jsonschema
import referencing
from referencing.jsonschema import DRAFT202012

import openapi_document


@dataclass(frozen=True)
class Answer:
    """What was answered to a request."""

    method: str
    # With its query.
    target: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Document:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = json.loads(path.read_text())
        self.paths: dict[str, Any] = self.content["paths"]

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Method, path and operation of each."""
        for path, item in self.paths.items():
            for method in openapi_document.METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def template(self, path: str) -> str | None:
        """The path of the document that a request's path is of: the one with the fewest parameters."""
        found = [template for template in self.paths if _is_of(template, path)]
        return min(found, key=lambda template: (template.count("{"), -len(template)), default=None)

    def operation(self, method: str, target: str) -> tuple[str, dict[str, Any]] | None:
        template = self.template(unquote(urlsplit(target).path))
        operation = self.paths[template].get(method.lower()) if template else None
        return (template, operation) if template and operation else None

    def resolved(self, value: dict[str, Any]) -> dict[str, Any]:
        return openapi_document.resolved(self.content, value)

    def complaints(self, answer: Answer) -> Iterator[str]:
        """What of an answer the document does not say."""
        what = f"{answer.method} {answer.target}: {answer.status}"
        found = self.operation(answer.method, answer.target)
        if not found:
            # What is not there, and what is there by another method, are said in the document's head.
            if answer.status not in {404, 405}:
                yield f"{what} of an operation that the document does not have"
            return
        _, operation = found
        if str(answer.status) not in operation["responses"]:
            yield f"{what} is none of {', '.join(operation['responses'])}"
            return
        response = self.resolved(operation["responses"][str(answer.status)])
        for name, header in response.get("headers", {}).items():
            if self.resolved(header).get("required") and name not in answer.headers:
                yield f"{what} has no header {name}"
        contents = response.get("content", {})
        kind = answer.headers.get("content-type", "")
        if not contents:
            if answer.body:
                yield f"{what} has a body"
        elif kind not in contents and "*/*" not in contents:
            yield f"{what} is {kind}, and none of {', '.join(contents)}"
        elif kind == "application/json":
            for error in self.validator(contents[kind]["schema"]).iter_errors(json.loads(answer.body)):
                yield f"{what}: {error.json_path}: {error.message}"

    def validator(self, schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
        """A validator of a schema that stands in the document."""
        base = self.path.as_uri()
        document = referencing.Resource(self.content, DRAFT202012)
        registry: Any = referencing.Registry(retrieve=_file).with_resource(base, document)
        return jsonschema.Draft202012Validator(_based(schema, base), registry=registry)

    def references(self) -> Iterator[str]:
        """All that the document refers to."""
        yield from _references(self.content)


def _is_of(template: str, path: str) -> bool:
    # An asset's path has slashes.
    pattern = re.sub(r"\\\{path\\\}", ".+", re.escape(template))
    return bool(re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", pattern), path))


def _file(uri: str) -> Any:
    return referencing.Resource(json.loads(Path(unquote(urlsplit(uri).path)).read_text()), DRAFT202012)


def _based(value: Any, base: str) -> Any:
    """The schema with references that need no base."""
    if isinstance(value, dict):
        return {key: urljoin(base, inner) if key == "$ref" else _based(inner, base) for key, inner in value.items()}
    return [_based(inner, base) for inner in value] if isinstance(value, list) else value


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
