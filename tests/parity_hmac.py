"""The signature alone, next to Python's hmac: for every case of `parity`, what the core finds authentic is authentic
by a receiver of a few lines, but for the differences that a rule below explains.

    python3 parity_hmac.py CASES.jsonl      or the cases on the standard input

The receiver takes the first value of each header, as the standard library's servers do, decodes the signature and
compares bytes; it knows no time, so that a callback refused for its time counts as authentic. Exits 1 at a difference
that not exactly one rule explains, and for a rule that explains none.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
import sys
from typing import Any

SIGNATURE = "x-sinch-webhook-signature"
TIMESTAMP = SIGNATURE + "-timestamp"
NONCE = SIGNATURE + "-nonce"
ALGORITHM = SIGNATURE + "-algorithm"
SHOWN = 10


class Case:
    """A callback, and what the core said of it."""

    def __init__(self, line: dict[str, Any]) -> None:
        self.secrets = [octets(secret, "utf-8") for secret in line["secrets"]]
        self.options = line["options"]
        self.body = base64.b64decode(line["body"])
        self.headers: dict[str, list[bytes]] = {}
        for name, value in line["headers"]:
            self.headers.setdefault(name.lower(), []).append(octets(value, "latin-1"))
        self.code = line["expect"]["code"]
        self.header = line["expect"]["header"]
        self.authentic = self.code in ("accepted", "stale", "from_future")

    def first(self, name: str) -> bytes | None:
        return self.headers.get(name, [None])[0]

    def is_malformed(self, name: str) -> bool:
        return self.code == "malformed_header" and self.header == name

    def is_authentic_by_hmac(self) -> bool:
        signature, nonce, timestamp = map(self.first, (SIGNATURE, NONCE, TIMESTAMP))
        if signature is None or nonce is None or timestamp is None:
            return False
        try:
            tag = base64.b64decode(signature)
        except binascii.Error:
            return False
        signed = self.body + b"." + nonce + b"." + timestamp
        return any(hmac.compare_digest(hmac.digest(secret, signed, hashlib.sha256), tag) for secret in self.secrets)


def octets(value: str | dict[str, str], encoding: str) -> bytes:
    return value.encode(encoding) if isinstance(value, str) else bytes.fromhex(value["hex"])


def canonical(signature: bytes) -> bytes:
    """The one text of the bytes that the signature decodes to."""
    return base64.b64encode(base64.b64decode(signature))


BASE64_FORM = re.compile(rb"[A-Za-z0-9+/]{43}=")


# What explains a difference: its name, its reason, and how it is seen in the callback itself beside our code.
RULES = [
    (
        "repeated header",
        "which of several values is signed is a guess, and joined ones cannot be told from one with a comma",
        lambda case: (
            case.code == "repeated_header" and (len(case.headers[case.header]) > 1 or b"," in case.first(case.header))
        ),
    ),
    (
        "signature with unused bits",
        "a tag has one text: of the four that decode to the same bytes, three were never sent by Sinch",
        lambda case: (
            case.code == "signature_mismatch"
            and BASE64_FORM.fullmatch(case.first(SIGNATURE)) is not None
            and canonical(case.first(SIGNATURE)) != case.first(SIGNATURE)
        ),
    ),
    (
        "signature with other characters",
        "a tag has one text: what is not base64 Python skips, and we refuse",
        lambda case: case.is_malformed(SIGNATURE) and BASE64_FORM.fullmatch(case.first(SIGNATURE)) is None,
    ),
    (
        "nonce with a dot",
        "the body's tail may have been moved in front of the nonce: boundary shift",
        lambda case: case.is_malformed(NONCE) and b"." in case.first(NONCE),
    ),
    (
        "nonce too long",
        "our own limit of 128 characters; Sinch's nonces have 26",
        lambda case: case.is_malformed(NONCE) and b"." not in case.first(NONCE) and len(case.first(NONCE)) > 128,
    ),
    (
        "nonce not visible",
        "an empty nonce makes nothing unique, and spaces and bytes beyond ASCII change on the way",
        lambda case: (
            case.is_malformed(NONCE)
            and b"." not in case.first(NONCE)
            and len(case.first(NONCE)) <= 128
            and re.fullmatch(rb"[!-~]+", case.first(NONCE)) is None
        ),
    ),
    (
        "timestamp not 1 to 12 digits",
        "the window needs a number, and one number has to have one meaning",
        lambda case: case.is_malformed(TIMESTAMP) and re.fullmatch(rb"[0-9]{1,12}", case.first(TIMESTAMP)) is None,
    ),
    (
        "algorithm required",
        "the option of ours that demands the header",
        lambda case: (
            case.code == "missing_header"
            and case.header == ALGORITHM
            and case.first(ALGORITHM) is None
            and case.options.get("algorithm_header") == "required"
        ),
    ),
    (
        "other algorithm",
        "a callback that names another algorithm is not one that we can judge",
        lambda case: case.code == "unsupported_algorithm" and case.first(ALGORITHM).lower() != b"hmacsha256",
    ),
    (
        "body too large",
        "the option of ours that limits bodies",
        lambda case: case.code == "body_too_large" and len(case.body) > case.options.get("max_body_bytes", 2_097_152),
    ),
]


def main() -> int:
    counts = {name: 0 for name, _, _ in RULES}
    cases = agreed = 0
    unexplained = []
    with open(sys.argv[1], "rb") if len(sys.argv) > 1 else sys.stdin.buffer as source:
        for cases, line in enumerate(source, 1):
            case = Case(json.loads(line))
            if case.is_authentic_by_hmac() == case.authentic:
                agreed += 1
                continue
            matching = [name for name, _, explains in RULES if explains(case)]
            if len(matching) == 1:
                counts[matching[0]] += 1
            else:
                theirs = "refused" if case.authentic else "accepted"
                rules = ", ".join(matching) or "no rule"
                unexplained.append(f"line {cases}: {case.code} here, {theirs} by hmac: {rules}\n  {case.headers}")
    width = max(map(len, counts))
    print(f"{'rule':{width}} | cases")
    for name, count in counts.items():
        print(f"{name:{width}} | {count}")
    print(f"hmac: {cases} cases, {agreed} agreed, {len(unexplained)} unexplained differences")
    for difference in unexplained[:SHOWN]:
        print(difference)
    idle = [name for name, count in counts.items() if count == 0]
    for name in idle:
        print(f'the rule "{name}" explains nothing')
    return 0 if cases and not unexplained and not idle else 1


if __name__ == "__main__":
    sys.exit(main())
