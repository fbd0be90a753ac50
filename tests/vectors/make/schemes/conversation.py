"""The Conversation API's own scheme, by its name: no other scheme's proof is taken for it, and no other body."""

import json
from collections.abc import Iterator

from callback import A_NONCE, CURRENT, NONCE, NOW, READ_REPORT, SIGNATURE, SIGNED_TIME, TIMESTAMP, signed_string
from callback import sign as signature_of
from callback import tag as tag_of
from case import Expect, Vector
from published import published
from scheme_case import accepted, rejected, write


def case(id: str, note: str, expect: Expect, *, body: str = READ_REPORT, signature: str | None = None) -> Vector:
    headers = [[SIGNATURE, signature or signature_of(body)], [TIMESTAMP, SIGNED_TIME], [NONCE, A_NONCE]]
    return write(
        "conversation",
        id,
        note,
        expect,
        secrets=[CURRENT],
        headers=headers,
        body=body,
        tag=tag_of(CURRENT, signed_string(body, A_NONCE, SIGNED_TIME)),
        now=NOW,
        age_secs=NOW - int(SIGNED_TIME),
    )


def cases() -> Iterator[Vector]:
    yield case("by-name", "A delivery report, judged by the scheme that is named in settings.", accepted())
    yield case(
        "hexadecimal",
        "The tag in hexadecimal digits, as other schemes write theirs.",
        rejected("malformed_header", SIGNATURE),
        signature=tag_of(CURRENT, signed_string(READ_REPORT, A_NONCE, SIGNED_TIME)).hex(),
    )
    multiline = published("conversation-dotnet-multiline")
    text = multiline["body"]["text"]
    for id, note, body in [
        ("with-crlf", "Its line ends were changed on the way.", text.replace("\n", "\r\n")),
        ("without-the-last-newline", "Its last newline was lost.", text[:-1]),
        (
            "without-spaces",
            "It was parsed and written again without spaces.",
            json.dumps(json.loads(text), separators=(",", ":")),
        ),
        ("written-again", "It was parsed and written again as Python writes JSON.", json.dumps(json.loads(text))),
    ]:
        yield {
            **multiline,
            "id": f"conversation-dotnet-multiline-{id}",
            "note": f"The published body of several lines. {note}",
            "body": {"text": body},
            "expect": rejected("signature_mismatch"),
        }
