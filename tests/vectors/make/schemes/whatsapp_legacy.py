"""WhatsApp API of 2021: HMAC-SHA256 over `body.nonce`. Nothing says when."""

import hashlib
from collections.abc import Iterator, Sequence

from callback import A_NONCE, CURRENT, PREVIOUS, Text, b64, raw
from callback import tag as tag_of
from case import Expect, Headers, Vector
from scheme_case import accepted, rejected, write

SIGNATURE = "sinch-whatsapp-callback-signature"
NONCE = f"{SIGNATURE}-nonce"
ALGORITHM = f"{SIGNATURE}-algorithm"
BODY = '{"type":"whatsapp","statuses":[{"message_id":"01jexample0000000000000004","status":"success"}],"v":"1.0"}'


def tag(body: str = BODY, nonce: str = A_NONCE, secret: Text = CURRENT) -> bytes:
    return tag_of(secret, raw(f"{body}.{nonce}"))


def case(
    id: str,
    note: str,
    expect: Expect,
    *,
    body: str = BODY,
    nonce: str = A_NONCE,
    algorithm: str | None = "HMAC_SHA_256",
    signature: str | None = None,
    more: Headers | None = None,
    secrets: Sequence[Text] = (CURRENT,),
    signed_by: Text = CURRENT,
) -> Vector:
    right = tag(body, nonce, signed_by)
    headers: Headers = [[SIGNATURE, b64(right) if signature is None else signature], [NONCE, nonce]]
    if algorithm is not None:
        headers.append([ALGORITHM, algorithm])
    return write(
        "whatsapp-legacy",
        id,
        note,
        expect,
        secrets=secrets,
        headers=headers + (more or []),
        body=body,
        tag=right,
    )


def cases() -> Iterator[Vector]:
    malformed, mismatch = rejected("malformed_header", SIGNATURE), rejected("signature_mismatch")
    right = tag()
    yield case("base64", "An authentic callback. Its age is unknown: no window applies.", accepted())
    yield case(
        "hexadecimal",
        "How the signature is written is not documented: hexadecimal digits are taken too, and have the same key.",
        accepted(),
        signature=right.hex(),
    )
    yield case("without-an-algorithm", "The algorithm's header may be absent.", accepted(), algorithm=None)
    yield case("algorithm-in-lower-case", "Its value has no case.", accepted(), algorithm="hmac_sha_256")
    yield case(
        "second-secret",
        "The second secret of the ring signed it.",
        accepted(slot=1),
        secrets=[PREVIOUS, CURRENT],
    )
    yield case("of-a-stranger", "The secret is not ours.", mismatch, signed_by=PREVIOUS)
    for algorithm in ["HMAC_SHA_1", "HmacSHA1", "HmacSHA256", "none", ""]:
        yield case(
            f"algorithm-{algorithm.replace('_', '-').lower() or 'empty'}",
            "Another algorithm is refused, whatever the signature.",
            rejected("malformed_header", ALGORITHM),
            algorithm=algorithm,
        )
    for id, note, value, expect in [
        ("upper-case", "There is one spelling of a tag in digits.", right.hex().upper(), malformed),
        ("sha1", "A tag of SHA-1.", tag_of(CURRENT, raw(f"{BODY}.{A_NONCE}"), hashlib.sha1).hex(), malformed),
        ("unpadded", "Base64 without its pad.", b64(right)[:-1], malformed),
        ("for-addresses", "The alphabet for addresses.", "-_" + b64(right)[2:], malformed),
        ("over-the-body-alone", "The nonce was not signed.", b64(tag_of(CURRENT, raw(BODY))), mismatch),
    ]:
        yield case(f"signature-{id}", note, expect, signature=value)
    head, tail = BODY.rsplit(".", 1)
    yield case(
        "moved-from-the-body-into-the-nonce",
        "The body is cut at its last dot and its tail moved before the nonce: the signed string stays the same, and "
        "the dot betrays it.",
        rejected("malformed_header", NONCE),
        body=head,
        nonce=f"{tail}.{A_NONCE}",
        signature=b64(right),
    )
    yield case(
        "moved-from-the-nonce-into-the-body",
        "The nonce's first half ends the body: without a dot the string is another.",
        mismatch,
        body=BODY + "." + A_NONCE[:10],
        nonce=A_NONCE[10:],
        signature=b64(right),
    )
    yield case(
        "nonce-renewed",
        "Another nonce under a captured signature.",
        mismatch,
        nonce=A_NONCE[::-1],
        signature=b64(right),
    )
    for name, value in [(SIGNATURE, b64(right)), (NONCE, A_NONCE), (ALGORITHM, "HMAC_SHA_256")]:
        yield case(
            f"doubled-{name}",
            "A header came twice.",
            rejected("repeated_header", name),
            more=[[name, value]],
        )
    yield case("body-newline-added", "A newline behind the body.", mismatch, body=BODY + "\n", signature=b64(right))
