"""Several secrets, and the forms that they come in."""

import base64
import hashlib
from collections.abc import Iterator

from callback import CURRENT, PREVIOUS, RING_OF_FOUR, raw, sign
from case import Vector, accepted, case, rejected


def cases() -> Iterator[Vector]:
    mismatch = rejected("signature_mismatch")
    long = "example-secret-not-real-" * 9
    spaced = f" {CURRENT}\n"
    base64_secret = "ZXhhbXBsZS1zZWNyZXQtbm90LXJlYWw="
    unicode_secret = "ex\u00e4mple-secr\u00e9t-not-real"
    not_utf8 = b"example-\xff\xfe-not-real"
    yield case(
        "previous-secret",
        "During a rotation the previous secret still verifies, in slot 1.",
        accepted(slot=1),
        secrets=[CURRENT, PREVIOUS],
        signature=sign(secret=PREVIOUS),
    )
    yield case("current-secret-of-two", "The current secret is slot 0.", accepted(), secrets=[CURRENT, PREVIOUS])
    yield case(
        "retired-secret", "A secret that left the ring no longer verifies.", mismatch, signature=sign(secret=PREVIOUS)
    )
    yield case(
        "last-of-four-secrets",
        "Four secrets are the most: the last is slot 3.",
        accepted(slot=3),
        secrets=RING_OF_FOUR,
        signature=sign(secret=RING_OF_FOUR[3]),
    )
    yield case(
        "none-of-four-secrets",
        "Four secrets, and the signature of a fifth.",
        mismatch,
        secrets=RING_OF_FOUR,
        signature=sign(secret=PREVIOUS),
    )
    yield case(
        "first-of-two-equal-secrets",
        "Of two equal secrets the first is the slot.",
        accepted(slot=1),
        secrets=[PREVIOUS, CURRENT, CURRENT],
        signature=sign(),
    )
    yield case(
        "previous-secret-and-stale",
        "A stale callback is stale under any secret of the ring.",
        rejected("stale"),
        secrets=[CURRENT, PREVIOUS],
        signature=sign(secret=PREVIOUS),
        now=1634579654,
    )
    yield case("secret-of-one-byte", "A short secret is poor and still the account's own.", accepted(), secrets=["x"])
    yield case("secret-of-63-bytes", "One byte short of HMAC's block.", accepted(), secrets=[long[:63]])
    yield case("secret-of-64-bytes", "Exactly HMAC's block: used as it is.", accepted(), secrets=[long[:64]])
    yield case("secret-of-65-bytes", "One byte past HMAC's block: hashed first.", accepted(), secrets=[long[:65]])
    yield case(
        "secret-of-65-bytes-cut-to-64",
        "Signed with the first 64 bytes of a longer secret: a long secret is hashed, not cut.",
        mismatch,
        secrets=[long[:65]],
        signature=sign(secret=long[:64]),
    )
    yield case(
        "secret-of-64-bytes-hashed",
        "Signed with the hash of a 64-byte secret, which is too short to be hashed.",
        mismatch,
        secrets=[long[:64]],
        signature=sign(secret=hashlib.sha256(raw(long[:64])).digest()),
    )
    yield case("secret-of-200-bytes", "A secret of several blocks.", accepted(), secrets=[long[:200]])
    yield case("secret-in-unicode", "A secret is used as its UTF-8 bytes.", accepted(), secrets=[unicode_secret])
    yield case(
        "secret-in-unicode-signed-as-latin-1",
        "Signed with the Latin-1 bytes of the secret.",
        mismatch,
        secrets=[unicode_secret],
        signature=sign(secret=unicode_secret.encode("latin-1")),
    )
    yield case(
        "secret-that-is-not-utf-8",
        "A secret taken verbatim may be any bytes.",
        accepted(),
        secrets=[not_utf8],
        verbatim=True,
    )
    yield case(
        "secret-that-is-not-utf-8-signed-lossily",
        "Signed with U+FFFD in place of the bytes that are not UTF-8.",
        mismatch,
        secrets=[not_utf8],
        verbatim=True,
        signature=sign(secret=not_utf8.decode(errors="replace")),
    )
    yield case(
        "secret-with-an-inner-space",
        "A space inside a secret belongs to it.",
        accepted(),
        secrets=["example secret not real"],
    )
    yield case(
        "secret-with-surrounding-whitespace",
        "Taken verbatim, a space before and a newline after belong to the secret.",
        accepted(),
        secrets=[spaced],
        verbatim=True,
    )
    yield case(
        "secret-with-surrounding-whitespace-signed-trimmed",
        "Taken verbatim, the trimmed secret is another one.",
        mismatch,
        secrets=[spaced],
        verbatim=True,
        signature=sign(),
    )
    yield case(
        "secret-trimmed-signed-with-whitespace",
        "The trimmed secret in the ring, and a signature made with whitespace around it.",
        mismatch,
        signature=sign(secret=spaced),
    )
    yield case(
        "secret-that-is-base64",
        "A secret that looks like base64 is still used as text.",
        accepted(),
        secrets=[base64_secret],
    )
    yield case(
        "secret-that-is-base64-signed-decoded",
        "Signed with the bytes that the secret decodes to, as Sinch's Voice callbacks have it.",
        mismatch,
        secrets=[base64_secret],
        signature=sign(secret=base64.b64decode(base64_secret)),
    )
    yield case(
        "secret-empty",
        "Signed with an empty secret, as by a sender whose setting is missing.",
        mismatch,
        signature=sign(secret=""),
    )
