"""What a body may hold."""

import json
from collections.abc import Iterator

from callback import READ_REPORT, SMS_REPORT, b64, raw, sign
from case import Vector, accepted, case, rejected


def cases() -> Iterator[Vector]:
    mismatch = rejected("signature_mismatch")
    pretty = json.dumps(json.loads(READ_REPORT), indent=2)
    crlf = pretty.replace("\n", "\r\n")
    bom = "\ufeff" + READ_REPORT
    yield case("body-empty", "An empty body, rightly signed: the signed string begins with a dot.", accepted(), body="")
    yield case(
        "body-lost",
        "The signature of a report on an empty body, as after a stream that was read twice.",
        mismatch,
        body="",
        signature=sign(),
    )
    yield case("body-signed-empty", "The signature of an empty body on a report.", mismatch, signature=sign(""))
    yield case("body-with-crlf", "Line ends of two characters, signed as they stand.", accepted(), body=crlf)
    yield case(
        "body-whose-crlf-became-lf", "Line ends normalized on the way.", mismatch, body=pretty, signature=sign(crlf)
    )
    yield case("body-with-a-bom", "A byte order mark, signed as it stands.", accepted(), body=bom)
    yield case("body-whose-bom-was-lost", "A text decoder drops the byte order mark.", mismatch, signature=sign(bom))
    yield case(
        "body-with-a-trailing-newline",
        "A newline at the end, signed as it stands.",
        accepted(),
        body=READ_REPORT + "\n",
    )
    yield case(
        "body-whose-trailing-newline-was-lost",
        "A newline trimmed on the way.",
        mismatch,
        signature=sign(READ_REPORT + "\n"),
    )
    yield case(
        "body-that-gained-a-trailing-newline",
        "A newline appended on the way.",
        mismatch,
        body=READ_REPORT + "\n",
        signature=sign(),
    )
    yield case(
        "body-of-invalid-utf-8",
        "0xFF is never UTF-8: the body is bytes, not text.",
        accepted(),
        body=b'{"text":"\xff\xfe"}',
    )
    yield case(
        "body-whose-invalid-utf-8-was-replaced",
        "A lossy decoder puts U+FFFD in place of bytes that are not UTF-8.",
        mismatch,
        body='{"text":"\ufffd\ufffd"}',
        signature=sign(b'{"text":"\xff\xfe"}'),
    )
    yield case("body-with-a-nul", "A NUL does not end a body.", accepted(), body='{"text":"a"}\0{"text":"b"}')
    yield case(
        "body-cut-at-a-nul",
        "A body cut where a C string would end.",
        mismatch,
        body='{"text":"a"}',
        signature=sign('{"text":"a"}\0{"text":"b"}'),
    )
    yield case(
        "body-with-escaped-unicode", "Escapes in JSON, signed as they stand.", accepted(), body='{"text":"Caf\\u00e9"}'
    )
    yield case(
        "body-whose-unicode-was-unescaped",
        "Parsed and written again: the escape became a letter.",
        mismatch,
        body='{"text":"Caf\u00e9"}',
        signature=sign('{"text":"Caf\\u00e9"}'),
    )
    yield case(
        "body-with-raw-unicode", "A letter outside ASCII, signed as it stands.", accepted(), body='{"text":"Caf\u00e9"}'
    )
    yield case(
        "body-whose-unicode-was-escaped",
        "Parsed and written again: the letter became an escape.",
        mismatch,
        body='{"text":"Caf\\u00e9"}',
        signature=sign('{"text":"Caf\u00e9"}'),
    )
    yield case("body-with-1-0", "A number with a zero fraction, signed as it stands.", accepted(), body='{"price":1.0}')
    yield case(
        "body-whose-1-0-became-1",
        "JavaScript writes 1.0 as 1.",
        mismatch,
        body='{"price":1}',
        signature=sign('{"price":1.0}'),
    )
    yield case(
        "body-with-a-duplicate-key",
        "Two values for one key, signed as they stand.",
        accepted(),
        body='{"status":"DELIVERED","status":"READ"}',
    )
    yield case(
        "body-whose-duplicate-key-was-merged",
        "A parser keeps the last of two values.",
        mismatch,
        body='{"status":"READ"}',
        signature=sign('{"status":"DELIVERED","status":"READ"}'),
    )
    yield case(
        "body-with-an-escaped-slash",
        "`\\/` in JSON, signed as it stands.",
        accepted(),
        body='{"url":"https:\\/\\/files.example\\/1"}',
    )
    yield case(
        "body-whose-slash-was-unescaped",
        "A parser writes `\\/` as `/`.",
        mismatch,
        body='{"url":"https://files.example/1"}',
        signature=sign('{"url":"https:\\/\\/files.example\\/1"}'),
    )
    yield case(
        "body-with-spaces",
        "Spaces between tokens, signed as they stand.",
        accepted(),
        body='{"status": "READ", "code": 0}',
    )
    yield case(
        "body-whose-spaces-were-lost",
        "JSON.stringify writes no spaces.",
        mismatch,
        body='{"status":"READ","code":0}',
        signature=sign('{"status": "READ", "code": 0}'),
    )
    yield case(
        "body-still-base64",
        "A host hands binary bodies over as base64, and nobody decoded it.",
        mismatch,
        body=b64(raw(SMS_REPORT)),
        signature=sign(SMS_REPORT),
    )
    yield case(
        "body-that-is-base64",
        "A body that is base64 in itself is signed as it stands.",
        accepted(),
        body=b64(raw(SMS_REPORT)),
    )
    yield case(
        "body-that-is-not-json",
        "The verifier does not parse: anything authentic is accepted.",
        accepted(),
        body="status=DELIVERED&order=1001",
    )
    yield case(
        "body-truncated", "The last character of the body is lost.", mismatch, body=READ_REPORT[:-1], signature=sign()
    )
