"""reference/api.md: what openapi.json says, for people."""

import json
from collections.abc import Iterator
from typing import Any

from openapi_document import METHODS, resolved

HEAD = """\
<!-- Made by scripts/make-docs: do not edit. -->
# HTTP API

{description}

This page is made from [openapi.json](openapi.json) (OpenAPI {version}), which the tests hold against a running
server: its routes are those that the file has, and its answers are of the file's schemas.
"""
# What stands in front of every path of the admin's listener, and is said once.
GATE = ("Unauthorized", "Forbidden")


class Page:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def text(self) -> str:
        info = self.document["info"]
        parts = [HEAD.format(description=info["description"], version=self.document["openapi"]), *self._security()]
        for tag in self.document["tags"]:
            parts += [f"\n## {tag['name'].capitalize()}\n", f"\n{tag['description']}\n"]
            for path, item in self.document["paths"].items():
                for method in METHODS:
                    if method in item and item[method]["tags"] == [tag["name"]]:
                        parts += self._operation(path, method, item, item[method])
        parts += ["\n## Schemas\n", "\nA field is always there, unless it says “optional”. No other field is.\n"]
        for name, schema in self.document["components"]["schemas"].items():
            # What others are made of stands in each of them.
            if not name.endswith("Fields"):
                parts += self._schema(name, schema)
        return "".join(parts)

    def _security(self) -> Iterator[str]:
        yield "\n## Access\n\n| scheme | what it is |\n|---|---|\n"
        for name, scheme in self.document["components"]["securitySchemes"].items():
            kind = "`authorization: Bearer TOKEN`" if scheme["type"] == "http" else f"the cookie `{scheme['name']}`"
            yield f"| {name} | {kind}. {scheme['description']} |\n"
        yield "\nEvery path of the admin's listener answers besides:\n\n| status | answer |\n|---|---|\n"
        for status, name in ((401, "Unauthorized"), (403, "Forbidden")):
            yield f"| {status} | {self.document['components']['responses'][name]['description']} |\n"

    def _operation(self, path: str, method: str, item: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
        yield f"\n### {method.upper()} {path}\n\n{operation['summary']}.\n"
        if "servers" in item:
            yield f"\nOn {' and '.join(server['description'] for server in item['servers'])}.\n"
        if "description" in operation:
            yield f"\n{operation['description']}\n"
        parameters = [resolved(self.document, parameter) for parameter in operation.get("parameters", [])]
        if parameters:
            yield "\n| parameter | in | is |\n|---|---|---|\n"
            for parameter in parameters:
                required = " Required." if parameter.get("required") and parameter["in"] != "path" else ""
                kind = self._kind(parameter["schema"])
                yield f"| `{parameter['name']}` | {parameter['in']} | {kind}. {parameter['description']}{required} |\n"
        if body := operation.get("requestBody"):
            for kind, content in body["content"].items():
                schema = content["schema"]
                said = schema.get("description", "") if "$ref" not in schema else f"{self._kind(schema)}."
                yield f"\nBody, `{kind}`: {said or f'{self._kind(schema)}.'}\n"
        yield "\n| status | answer |\n|---|---|\n"
        for status, said in operation["responses"].items():
            # What the gate answers is the same everywhere.
            if said.get("$ref", "").rsplit("/", 1)[-1] not in GATE:
                response = resolved(self.document, said)
                yield f"| {status} | {response['description']}{self._contents(response)} |\n"

    def _contents(self, response: dict[str, Any]) -> str:
        kinds = []
        for kind, content in response.get("content", {}).items():
            schema = content.get("schema", {})
            if kind == "application/json":
                kinds.append(self._kind(schema))
            elif kind != "*/*":
                kinds.append(f"`{kind}`")
        return f" {', '.join(kinds)}." if kinds else ""

    def _schema(self, name: str, schema: dict[str, Any]) -> Iterator[str]:
        yield f"\n### {name}\n"
        if "description" in schema:
            yield f"\n{schema['description']}\n"
        fields = dict(self._fields(schema))
        if not fields:
            kind = self._kind(schema)
            yield f"\n{kind[:1].upper()}{kind[1:]}.\n"
            return
        yield "\n| field | is |\n|---|---|\n"
        for field, (inner, required) in fields.items():
            words = f"{self._kind(inner)}{'' if required else ', optional'}. {self._said(inner)}"
            yield f"| `{field}` | {words.strip()} |\n"

    def _fields(self, schema: dict[str, Any]) -> Iterator[tuple[str, tuple[dict[str, Any], bool]]]:
        for part in schema.get("allOf", []):
            yield from self._fields(resolved(self.document, part))
        for name, inner in schema.get("properties", {}).items():
            yield name, (inner, name in schema.get("required", []))

    def _said(self, schema: dict[str, Any]) -> str:
        said = schema.get("description", "")
        # A field of a few fields has no name of its own.
        inner = schema.get("items", next(iter(schema.get("anyOf", [])), schema))
        fields = [
            f"`{name}` {field.get('description', self._kind(field)).rstrip('.')}"
            for name, (field, _) in self._fields(inner)
        ]
        return " ".join(filter(None, [said, f"Fields: {'; '.join(fields)}." if fields else ""])).strip()

    def _kind(self, schema: dict[str, Any]) -> str:
        """What a value is, in a few words."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            return f"[{name}](#{name.lower()})" if schema["$ref"].startswith("#") else f"[{name}]({schema['$ref']})"
        if "anyOf" in schema:
            return " or ".join(self._kind(inner) for inner in schema["anyOf"])
        if "const" in schema:
            return f"`{schema['const']}`"
        if "enum" in schema:
            named = ", ".join(f"`{value}`" for value in schema["enum"] if value is not None)
            return f"one of {named}{', or null' if None in schema['enum'] else ''}"
        kinds = schema.get("type", "object" if "allOf" in schema else "any")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        items = {"array": f"list of {self._kind(schema['items'])}"} if "items" in schema else {}
        return " or ".join(str(items.get(kind, kind)) for kind in kinds)


def page(text: str) -> str:
    return Page(json.loads(text)).text()
