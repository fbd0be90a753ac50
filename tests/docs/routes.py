"""The routes of the server, as its routers have them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROUTERS = ("admin/router.rs", "admin/login.rs", "pages/assets.rs")
# The first listener's router takes every path, since any may be one of callbacks.
PUBLIC = {("POST", "/callbacks"), ("GET", "/healthz")}
ROUTE = re.compile(r'\.route\(\s*"([^"]+)",(.*?)\)\s*(?=\n\s*[.}]|;)', re.DOTALL)
METHOD = re.compile(r"\b(get|post|put|patch|delete)\(")


def of(source: Path) -> set[tuple[str, str]]:
    """Method and path of each."""
    found = set(PUBLIC)
    for router in ROUTERS:
        found |= set(of_text((source / router).read_text()))
    return found


def of_text(text: str) -> Iterator[tuple[str, str]]:
    for path, handlers in ROUTE.findall(text):
        # What matches the rest of a path is a parameter like others in a document.
        plain = path.replace("{*", "{")
        yield from ((method.upper(), plain) for method in METHOD.findall(handlers))
