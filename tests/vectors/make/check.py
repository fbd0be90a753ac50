"""What hmac says against the vectors."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

from callback import NONCE, SIGNATURE, TIMESTAMP, b64, tag
from case import STATUS, Vector


def read_bytes(value: Any) -> bytes:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value.encode()


def read_body(body: dict[str, Any]) -> bytes:
    if "base64" in body:
        return base64.b64decode(body["base64"], validate=True)
    return body["text"].encode() if "text" in body else body["repeat"].encode() * body["count"]


def contradiction(vector: Vector) -> str | None:
    """What hmac says against a vector's own fields, or None. It judges signatures and keys, not the rules."""
    expect = vector["expect"]
    if expect["verdict"] == "rejected":
        if expect["status"] != STATUS[expect["code"]]:
            return "the status does not belong to the code"
        if ("header" in expect) != (expect["code"] in ("missing_header", "repeated_header", "malformed_header")):
            return "a header is named where none can be, or none where one must be"
        if expect["code"] not in ("signature_mismatch", "stale", "from_future"):
            return None
    headers = {name.lower(): read_bytes(value) for name, value in vector["headers"]}
    body = read_body(vector["body"])
    message = b".".join((body, headers[NONCE], headers[TIMESTAMP]))
    tags = [tag(read_bytes(secret), message) for secret in vector["secrets"]]
    right = [slot for slot, each in enumerate(tags) if b64(each).encode() == headers[SIGNATURE]]
    if expect["verdict"] == "rejected":
        if bool(right) == (expect["code"] == "signature_mismatch"):
            return "the signature is " + ("right" if right else "wrong")
        return None
    if right[:1] != [expect["secret_slot"]]:
        return f"the signature is right for slots {right}, where {expect['secret_slot']} should be the first"
    if expect["replay_key"] != tags[right[0]][:16].hex():
        return "the replay key is not the first half of the tag"
    if expect["content_key"] != hashlib.sha256(body).hexdigest()[:32]:
        return "the content key is not the first half of the body's SHA-256"
    if expect["age_secs"] != str(max(0, int(vector["now"]) - int(headers[TIMESTAMP]))):
        return "the age is not now less the timestamp"
    return None


def fault(vectors: list[Vector], contradiction: Callable[[Vector], str | None] = contradiction) -> str | None:
    """The first thing wrong with these vectors, or None."""
    seen = set()
    for vector in vectors:
        id = vector.get("id", "")
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id):
            return f"{id!r}: an id is in kebab-case"
        if id in seen:
            return f"{id}: an id stands for one vector only"
        seen.add(id)
        try:
            says = contradiction(vector)
        except (KeyError, TypeError, ValueError) as error:
            says = f"cannot be read: {error!r}"
        if says:
            return f"{id}: {says}"
    return None
