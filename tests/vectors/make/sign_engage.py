"""Signs callbacks of Engage with keys that OpenSSL makes, and writes them to engage.json beside this file.

    python3 tests/vectors/make/sign_engage.py

Run by hand, once: the private keys are gone when it ends, so that every run makes other keys. What it writes holds the
public keys, what was signed and the signatures; scripts/make-vectors makes vectors of it, and checks each signature
with integers alone.
"""

import base64
import json
import pathlib
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

from rsa_public import read_key

ENGAGE = pathlib.Path(__file__).with_name("engage.json")

# Id, digest, bits.
KEYS = [
    ("5f2b8f0e-7c1d-4a55-9c9e-0d8a7b6c5e4f", "sha256", 2048),
    ("0b54c2f3-93a1-4d6e-8f37-6a1c9d2e4b70", "sha512", 3072),
    ("c1de7a92-2f64-4b0b-a8d5-3e9f50617c28", "sha224", 2048),
]
LINE = "POST /engage/callback?tenant=7 HTTP/1.1"
DATE = "Thu, 01 Oct 2026 12:00:00 GMT"
BODY = (
    '{"vendor_account_id":{"vendor_id":"MessageMedia","account_id":"Example"},"message_id":"d781dcab-d9d8-4fb2-9e03",'
    '"status":"delivered","date_received":"2026-10-01T11:59:59.123Z","metadata":{"order":"31415"}}'
)
PRETTY = json.dumps(json.loads(BODY), indent=2).replace("\n", "\r\n") + "\r\n"


def cases() -> Iterator[dict[str, Any]]:
    """What is signed, and how. `message` is what a right signature covers; `signed` says where it is another one."""
    for place, (_, digest, _) in enumerate(KEYS):
        yield {"id": digest, "key": place, "line": LINE, "date": DATE, "body": BODY}
    right = {"key": 0, "line": LINE, "date": DATE, "body": BODY}
    yield {**right, "id": "empty-body", "body": ""}
    yield {**right, "id": "pretty-body", "body": PRETTY}
    yield {**right, "id": "root", "line": "POST / HTTP/1.1"}
    yield {**right, "id": "body-alone", "signed": BODY}
    yield {**right, "id": "joined-by-newlines", "signed": "\n".join((LINE, DATE, BODY))}
    yield {**right, "id": "other-digest", "digest": "sha512"}
    yield {**right, "id": "sha1", "digest": "sha1"}
    yield {**right, "id": "pss", "padding": "pss"}
    # Until the signature and the modulus together have no more bytes than the modulus.
    for order in range(1000):
        yield {**right, "id": "small", "body": BODY.replace("31415", str(order)), "small": True}


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout


def main() -> None:
    signed: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        public = []
        for place, (_, _, bits) in enumerate(KEYS):
            private = f"{folder}/{place}.pem"
            openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}", "-out", private)
            public.append(openssl("pkey", "-in", private, "-pubout", "-outform", "DER"))
        for case in cases():
            case_digest = case.pop("digest", KEYS[case["key"]][1])
            message = case.get("signed", case["line"] + case["date"] + case["body"]).encode()
            options = ["-sign", f"{folder}/{case['key']}.pem"]
            if case.pop("padding", None) == "pss":
                options += ["-sigopt", "rsa_padding_mode:pss"]
            signature = openssl("dgst", f"-{case_digest}", *options, given=message)
            modulus, _ = read_key(public[case["key"]])
            if case.pop("small", False):
                if int.from_bytes(signature, "big") + modulus >= 1 << 8 * len(signature):
                    continue
                signed.append({**case, "signature": base64.b64encode(signature).decode()})
                break
            signed.append({**case, "signature": base64.b64encode(signature).decode()})
    keys = [
        {"id": id, "digest": digest, "spki": base64.b64encode(der).decode()}
        for (id, digest, _), der in zip(KEYS, public, strict=True)
    ]
    ENGAGE.write_text(json.dumps({"keys": keys, "signed": signed}, indent=1) + "\n")


if __name__ == "__main__":
    main()
