"""Vectors that Sinch's documentation and SDKs publish, as they stand in published_schemes.json: without the keys that
hashes give."""

import json
import pathlib

from case import Vector

PUBLISHED: list[Vector] = json.loads(pathlib.Path(__file__).with_name("published_schemes.json").read_bytes())


def published(name: str) -> Vector:
    return next(vector for vector in PUBLISHED if vector["id"] == f"published-{name}")
