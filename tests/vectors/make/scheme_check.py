"""What hashes and integers say against the vectors of schemes.json. They judge signatures and keys, not the rules."""

import base64
import hashlib
import json
from collections.abc import Callable

from callback import NONCE, SIGNATURE, TIMESTAMP, b64, tag
from case import Vector
from rsa_public import verifies
from scheme_case import PROMISE, STATUS, told
from schemes import engage, mailgun, numbers, request_signed, whatsapp_legacy

from check import read_body, read_bytes

# The tag that a secret gives where the callback's signature is right, and nothing where it is not.
Judge = Callable[[Vector, dict[str, bytes], bytes, bytes], bytes | None]


def conversation(_: Vector, headers: dict[str, bytes], body: bytes, secret: bytes) -> bytes | None:
    right = tag(secret, b".".join((body, headers[NONCE], headers[TIMESTAMP])))
    return right if b64(right).encode() == headers[SIGNATURE] else None


def by_numbers(_: Vector, headers: dict[str, bytes], body: bytes, secret: bytes) -> bytes | None:
    right = tag(secret, body, hashlib.sha1)
    return right if right.hex().encode() == headers[numbers.HEADER] else None


def by_request(vector: Vector, headers: dict[str, bytes], body: bytes, secret: bytes) -> bytes | None:
    method, target = vector["request"]["method"], vector["request"]["target"]
    lines = (
        method.encode(),
        b64(hashlib.md5(body).digest()).encode(),
        headers["content-type"],
        b"x-timestamp:" + headers["x-timestamp"],
        target.split("?")[0].encode(),
    )
    # What has a line break inside is no line of the signed string.
    if any(b"\n" in line for line in lines):
        return None
    right = tag(request_signed.decoded(secret), b"\n".join(lines))
    named = f"{vector['key']}:{b64(right)}".encode()
    return right if headers["authorization"].split(b" ", 1)[1] == named else None


def by_mailgun(_: Vector, _headers: dict[str, bytes], body: bytes, secret: bytes) -> bytes | None:
    proof = json.loads(body)["signature"]
    right = mailgun.tag(str(proof["timestamp"]), proof["token"], secret)
    return right if right.hex() == proof["signature"] else None


def by_engage(vector: Vector, headers: dict[str, bytes], body: bytes, secret: bytes) -> bytes | None:
    id, digest, spki = secret.decode().split(" ")
    method, target = vector["request"]["method"], vector["request"]["target"]
    if " " in method or " " in target or headers[engage.KEY_ID] != id.encode():
        return None
    message = f"{method} {target} HTTP/1.1".encode() + headers["date"] + body
    signature = base64.b64decode(headers[engage.SIGNATURE], validate=True)
    digest = digest.lower().replace("-", "")
    is_right = verifies(base64.b64decode(spki), digest, message, signature)
    return hashlib.sha256(signature).digest() if is_right else None


def by_whatsapp(_: Vector, headers: dict[str, bytes], body: bytes, secret: bytes) -> bytes | None:
    right = tag(secret, b".".join((body, headers[whatsapp_legacy.NONCE])))
    texts = (b64(right).encode(), right.hex().encode())
    return right if headers[whatsapp_legacy.SIGNATURE] in texts else None


JUDGES: dict[str, Judge] = {
    "conversation": conversation,
    "numbers": by_numbers,
    "application": by_request,
    "service": by_request,
    "mailgun": by_mailgun,
    "engage": by_engage,
    "whatsapp-legacy": by_whatsapp,
}


def tags_of(vector: Vector) -> list[bytes | None]:
    """For each secret the tag, where the signature is its."""
    headers = {name.lower(): read_bytes(value) for name, value in vector["headers"]}
    judge, body = JUDGES[vector["scheme"]], read_body(vector["body"])
    return [judge(vector, headers, body, read_bytes(secret)) for secret in vector["secrets"]]


def completed(vector: Vector) -> Vector:
    """A published vector with the keys of its callback. Those of a scheme that signs a time are three seconds old."""
    if vector["expect"]["verdict"] == "rejected":
        return vector
    right = next((found for found in tags_of(vector) if found is not None), None)
    if right is None:
        raise ValueError(f"{vector['id']}: the published signature is wrong")
    age_secs = None if PROMISE[vector["scheme"]] == "untimed" else 3
    return {**vector, "expect": told(vector["scheme"], vector["expect"], read_body(vector["body"]), right, age_secs)}


def contradiction(vector: Vector) -> str | None:
    """What is against a vector's own fields, or None."""
    expect = vector["expect"]
    if expect["verdict"] == "rejected":
        if expect["status"] != STATUS[expect["code"]]:
            return "the status does not belong to the code"
        if ("header" in expect) != (expect["code"] in ("missing_header", "repeated_header", "malformed_header")):
            return "a header is named where none can be, or none where one must be"
        if expect["code"] not in ("signature_mismatch", "stale", "from_future"):
            return None
    tags = tags_of(vector)
    right = [slot for slot, found in enumerate(tags) if found is not None]
    if expect["verdict"] == "rejected":
        if bool(right) == (expect["code"] == "signature_mismatch"):
            return "the signature is " + ("right" if right else "wrong")
        return None
    if right[:1] != [expect["secret_slot"]]:
        return f"the signature is right for slots {right}, where {expect['secret_slot']} should be the first"
    found = tags[right[0]]
    age_secs = int(expect["age_secs"]) if "age_secs" in expect else None
    if found is None or expect != told(vector["scheme"], expect, read_body(vector["body"]), found, age_secs):
        return "the verdict tells another promise or other keys than the callback has"
    return None
