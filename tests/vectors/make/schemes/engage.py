"""Engage (MessageMedia): RSA over request line, date and body, without separators. Signed by sign_engage.py."""

import base64
import hashlib
import json
import pathlib
from collections.abc import Callable, Iterator, Sequence

from callback import BASE64, b64
from case import Expect, Headers, Vector
from rsa_public import read_key
from scheme_case import accepted, doubled, rejected, without, write

PREFIX = "x-messagemedia-"
SIGNATURE, KEY_ID = f"{PREFIX}signature", f"{PREFIX}key-id"
DIGEST, CIPHER = f"{PREFIX}digest-type", f"{PREFIX}cipher-type"
DATA = json.loads((pathlib.Path(__file__).parents[1] / "engage.json").read_bytes())
KEYS = DATA["keys"]
SIGNED = {case["id"]: case for case in DATA["signed"]}
SIGNED_AT = 1790856000
NOW = SIGNED_AT + 3


def record(place: int, digest: str | None = None) -> str:
    """A key of ours, as settings hold it."""
    key = KEYS[place]
    return f"{key['id']} {digest or key['digest']} {key['spki']}"


ALL = tuple(record(place) for place in range(len(KEYS)))


def case(
    id: str,
    note: str,
    expect: Expect,
    *,
    signed: str = "sha256",
    body: str | None = None,
    date: str | None = None,
    method: str | None = None,
    target: str | None = None,
    key_id: str | None = None,
    signature: str | None = None,
    digest: str | None = None,
    arrange: Callable[[Headers], Headers] = lambda headers: headers,
    secrets: Sequence[str] | None = None,
    now: int = NOW,
) -> Vector:
    """One of what was signed, with changes. The ring is its key alone, unless `secrets` says otherwise."""
    given = SIGNED[signed]
    line = given["line"].split(" ")
    key = KEYS[given["key"]]
    signature = given["signature"] if signature is None else signature
    headers: Headers = [
        [SIGNATURE, signature],
        [KEY_ID, key["id"] if key_id is None else key_id],
        ["date", given["date"] if date is None else date],
        [DIGEST, (digest or key["digest"]).upper()],
        [CIPHER, "RSA"],
    ]
    return write(
        "engage",
        id,
        note,
        expect,
        secrets=[record(given["key"])] if secrets is None else secrets,
        headers=arrange(headers),
        body=given["body"] if body is None else body,
        tag=hashlib.sha256(base64.b64decode(given["signature"])).digest(),
        now=now,
        age_secs=now - SIGNED_AT,
        method=line[0] if method is None else method,
        target=line[1] if target is None else target,
    )


def with_value(header: str, value: str) -> Callable[[Headers], Headers]:
    return lambda headers: [[name, value if name == header else old] for name, old in headers]


def cases() -> Iterator[Vector]:
    yield from accepted_cases()
    yield from key_cases()
    yield from form_cases()
    yield from moved_cases()
    yield from signed_otherwise_cases()


def accepted_cases() -> Iterator[Vector]:
    for slot, key in enumerate(KEYS):
        digest = key["digest"]
        yield case(
            digest,
            f"Signed with {digest}: its key is found among three by its id.",
            accepted(slot),
            signed=digest,
            secrets=ALL,
        )
    yield case(
        "empty-body", "An empty body is signed as one: nothing else it could be.", accepted(), signed="empty-body"
    )
    yield case("several-lines", "A body of several lines with CRLF.", accepted(), signed="pretty-body")
    yield case("root", "The shortest path.", accepted(), signed="root")
    yield case(
        "digest-with-a-dash", "A record may write the digest with a dash.", accepted(), secrets=[record(0, "SHA-256")]
    )
    yield case(
        "without-types",
        "The headers that name digest and cipher say nothing that the key's record does not.",
        accepted(),
        arrange=without(DIGEST, CIPHER),
    )
    yield case(
        "another-digest-named",
        "The digest is that of the key's record, whatever the header names.",
        accepted(),
        digest="sha512",
    )
    yield case("at-the-window-s-end", "300 seconds old, and the window is 300.", accepted(), now=SIGNED_AT + 300)


def key_cases() -> Iterator[Vector]:
    mismatch = rejected("signature_mismatch")
    yield case("another-key", "The id of another key of ours.", mismatch, key_id=KEYS[2]["id"], secrets=ALL)
    yield case("unknown-key", "The id of no key of ours.", mismatch, key_id="made-up")
    yield case("key-id-in-another-case", "An id is compared as it is.", mismatch, key_id=KEYS[0]["id"].upper())
    yield case("key-not-in-the-ring", "The key is not in the ring.", mismatch, secrets=[record(1), record(2)])
    yield case(
        "digest-of-the-record",
        "The record names another digest than the one that was signed: the header that is right about it is not asked.",
        mismatch,
        secrets=[record(0, "sha512")],
    )
    for signed, note in [
        ("other-digest", "Signed with SHA-512, and the header says so: the key's record says SHA-256."),
        ("sha1", "Signed with SHA-1."),
    ]:
        yield case(signed, note, mismatch, signed=signed, digest="sha512" if signed == "other-digest" else None)
    yield case("pss", "Signed by RSASSA-PSS, with the same key.", mismatch, signed="pss")


def form_cases() -> Iterator[Vector]:
    right = SIGNED["sha256"]["signature"]
    malformed = rejected("malformed_header", SIGNATURE)
    for name in (SIGNATURE, KEY_ID, "date"):
        yield case(
            f"without-{name}",
            "A header that is signed, or carries the proof, is missing.",
            rejected("missing_header", name),
            arrange=without(name),
        )
    for name in (SIGNATURE, KEY_ID, "date", DIGEST, CIPHER):
        yield case(
            f"doubled-{name}",
            "A header came twice.",
            rejected("repeated_header", name),
            arrange=doubled(name),
        )
    date = SIGNED["sha256"]["date"]
    yield case(
        "joined-date", "Two dates that a proxy joined.", rejected("repeated_header", "date"), date=f"{date}, {date}"
    )
    yield case(
        "digest-of-another-kind",
        "A digest that none of Engage's keys sign.",
        rejected("malformed_header", DIGEST),
        arrange=with_value(DIGEST, "MD5"),
    )
    yield case(
        "cipher-of-another-kind",
        "A cipher that none of Engage's keys are for.",
        rejected("malformed_header", CIPHER),
        arrange=with_value(CIPHER, "DSA"),
    )
    yield case("key-id-empty", "An empty id.", rejected("malformed_header", KEY_ID), key_id="")
    for id, note, value in [
        ("unpadded", "The signature without its pad.", right.rstrip("=")),
        ("for-addresses", "The alphabet for addresses.", "-_" + right[2:]),
        (
            "lax-digit",
            "A last digit that decodes to the same bytes where decoders are lax.",
            right[:-3] + BASE64[BASE64.index(right[-3]) ^ 1] + right[-2:],
        ),
        ("in-two-lines", "A line break inside.", right[:64] + "\n" + right[64:]),
        (
            "hexadecimal",
            "In hexadecimal digits, of which there is an odd number of fours.",
            base64.b64decode(right).hex() + "0",
        ),
        ("empty", "An empty signature.", ""),
        ("long", "Longer than that of the longest key.", b64(bytes(1025))),
    ]:
        yield case(f"signature-{id}", note, malformed, signature=value)
    dated = rejected("malformed_header", "date")
    for id, value in [
        ("in-iso-8601", "2026-10-01T12:00:00Z"),
        ("in-unix-seconds", "1790856000"),
        ("of-rfc-850", "Thursday, 01-Oct-26 12:00:00 GMT"),
        ("with-a-zone", "Thu, 01 Oct 2026 12:00:00 UTC"),
        ("a-character-short", date[:-1]),
        ("a-character-long", date + "P"),
    ]:
        yield case(f"date-{id}", "A date has one form, of 29 characters.", dated, date=value)
    yield case("stale", "A second older than the window.", rejected("stale"), now=SIGNED_AT + 301)
    yield case("from-the-future", "A second too far ahead.", rejected("from_future"), now=SIGNED_AT - 301)


def moved_cases() -> Iterator[Vector]:
    """Bytes moved between request line, date and body, whose joined string stays the same."""
    given = SIGNED["sha256"]
    date, body = given["date"], given["body"]
    dated, mismatch = rejected("malformed_header", "date"), rejected("signature_mismatch")
    yield case(
        "moved-from-the-date-into-the-body",
        "The end of the date begins the body: the joined string stays the same.",
        dated,
        date=date[:-4],
        body=date[-4:] + body,
    )
    yield case(
        "moved-from-the-body-into-the-date",
        "The beginning of the body ends the date: the joined string stays the same.",
        dated,
        date=date + body[:4],
        body=body[4:],
    )
    yield case(
        "moved-from-the-date-into-the-target",
        "The whole line and the beginning of the date are the target: the joined string stays the same, but for the "
        "protocol's version, which always follows.",
        dated,
        target=given["line"].split(" ", 1)[1] + date[:5],
        date=date[5:],
    )
    yield case(
        "target-with-a-space",
        "A target with a space is none, whatever was signed.",
        mismatch,
        target="/engage/callback?tenant=7 HTTP/1.1 x",
    )
    yield case(
        "method-with-a-space",
        "A method with a space, and a target that goes on: the joined string stays the same.",
        mismatch,
        method="POST /engage/callback?tenant=7",
        target="HTTP/1.1",
    )
    yield case(
        "method-into-the-target",
        "An empty method, and the target in its place.",
        mismatch,
        method="",
        target="POST /engage/callback?tenant=7",
    )


def signed_otherwise_cases() -> Iterator[Vector]:
    given = SIGNED["sha256"]
    mismatch = rejected("signature_mismatch")
    yield case("another-path", "The callback came to another path.", mismatch, target="/elsewhere")
    yield case("query-dropped", "The query is signed, and was dropped on the way.", mismatch, target="/engage/callback")
    yield case("another-method", "Another method than the signed one.", mismatch, method="PUT")
    yield case(
        "date-renewed",
        "A captured callback with a date of later.",
        mismatch,
        date="Thu, 01 Oct 2026 13:00:00 GMT",
        now=SIGNED_AT + 3600,
    )
    yield case("body-newline-added", "A newline behind the body.", mismatch, body=given["body"] + "\n")
    yield case("body-emptied", "No body where one was signed.", mismatch, body="")
    yield case(
        "body-alone",
        "Signed over the body alone, as the vendor's sample in C# verifies.",
        mismatch,
        signed="body-alone",
    )
    yield case(
        "joined-by-newlines",
        "Signed over the three parts with line breaks between them.",
        mismatch,
        signed="joined-by-newlines",
    )
    small = SIGNED["small"]
    modulus, _ = read_key(base64.b64decode(KEYS[small["key"]]["spki"]))
    value = base64.b64decode(small["signature"])
    longer = int.from_bytes(value, "big") + modulus
    yield case("small-signature", "A signature that is small enough for the next case.", accepted(), signed="small")
    yield case(
        "signature-and-modulus",
        "The same signature with the modulus added: the same number to whoever reduces it first.",
        mismatch,
        signed="small",
        signature=b64(longer.to_bytes(len(value), "big")),
    )
    right = base64.b64decode(given["signature"])
    for id, note, other in [
        ("zero-in-front", "A zero byte in front of the signature.", b"\0" + right),
        ("a-byte-short", "The last byte is missing.", right[:-1]),
        ("bit-flipped", "One bit is another.", right[:-1] + bytes([right[-1] ^ 1])),
        ("zero", "The number zero.", bytes(len(right))),
        ("one", "The number one.", bytes(len(right) - 1) + b"\1"),
    ]:
        yield case(f"signature-{id}", note, mismatch, signature=b64(other))
