"""What application-signed and service-signed callbacks have in common: all but a word."""

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence

from callback import BASE64, Text, b64, raw
from callback import tag as tag_of
from case import Expect, Headers, Vector
from scheme_case import accepted, doubled, rejected, without, write

AUTHORIZATION, X_TIMESTAMP, CONTENT_TYPE = "authorization", "x-timestamp", "content-type"
SECRET = "ZXhhbXBsZS1ub3QtcmVhbA=="
OTHER_SECRET = "YW5vdGhlci1ub3QtcmVhbA=="
TYPE = "application/json; charset=utf-8"
TIME = "2026-10-01T12:00:00.1234567Z"
SIGNED_AT = 1790856000
NOW = SIGNED_AT + 3


def decoded(secret: Text) -> bytes:
    """As Node's Buffer decodes: both alphabets, with a pad or without, bits behind the last byte dropped."""
    digits = raw(secret).replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    return base64.b64decode(digits + b"=" * (-len(digits) % 4))


def signed_string(method: str, body: bytes, content_type: str, time: str, path: str, md5: str | None = None) -> bytes:
    md5 = b64(hashlib.md5(body).digest()) if md5 is None else md5
    return "\n".join((method, md5, content_type, f"x-timestamp:{time}", path)).encode()


class Scheme:
    """The cases of one word."""

    def __init__(self, name: str, key: str, body: str, path: str) -> None:
        self.name, self.key, self.body, self.path = name, key, body, path

    def tag(self, secret: Text = SECRET, **parts: str) -> bytes:
        given = {"method": "POST", "content_type": TYPE, "time": TIME, "path": self.path, **parts}
        return tag_of(decoded(secret), signed_string(body=raw(given.pop("body", self.body)), **given))

    def case(
        self,
        id: str,
        note: str,
        expect: Expect,
        *,
        body: str | None = None,
        time: str = TIME,
        content_type: str = TYPE,
        method: str = "POST",
        target: str | None = None,
        tag: bytes | None = None,
        credentials: Callable[[str], str] | None = None,
        arrange: Callable[[Headers], Headers] = lambda headers: headers,
        secrets: Sequence[Text] = (SECRET,),
        now: int = NOW,
    ) -> Vector:
        """Rightly signed with the first secret, unless `tag` says otherwise."""
        body = self.body if body is None else body
        target = self.path if target is None else target
        path = target.split("?")[0]
        right = self.tag(secrets[0], method=method, body=body, content_type=content_type, time=time, path=path)
        tag = right if tag is None else tag
        value = credentials(b64(tag)) if credentials else f"{self.name} {self.key}:{b64(tag)}"
        headers: Headers = [[AUTHORIZATION, value], [X_TIMESTAMP, time], [CONTENT_TYPE, content_type]]
        return write(
            self.name,
            id,
            note,
            expect,
            secrets=secrets,
            headers=arrange(headers),
            body=body,
            tag=tag,
            now=now,
            age_secs=now - SIGNED_AT,
            key=self.key,
            method=method,
            target=target,
        )

    def cases(self, other_word: str) -> Iterator[Vector]:
        yield from self.accepted_cases()
        yield from self.credentials_cases(other_word)
        yield from self.header_cases()
        yield from self.time_cases()
        yield from self.moved_cases()
        yield from self.signed_otherwise_cases()

    def accepted_cases(self) -> Iterator[Vector]:
        yield self.case("callback", "An authentic callback, three seconds old: the base of the others.", accepted())
        yield self.case(
            "query",
            "The query is not signed, and so not covered.",
            accepted(),
            target=f"{self.path}?tenant=7",
        )
        yield self.case(
            "capitalized-word",
            "The scheme's word has no case.",
            accepted(),
            credentials=lambda tag: f"{self.name.upper()} {self.key}:{tag}",
        )
        yield self.case(
            "second-secret",
            "The second secret of the ring signed it.",
            accepted(slot=1),
            secrets=[OTHER_SECRET, SECRET],
            tag=self.tag(),
        )
        for id, secret in [("unpadded", "ZXhhbXBsZS1ub3QtcmVhbA"), ("for-addresses", "_-_-_-8")]:
            yield self.case(
                f"secret-{id}",
                "The secret is base64, however it is spelt.",
                accepted(),
                secrets=[secret],
            )
        yield self.case(
            "at-the-window-s-end", "300 seconds old, and the window is 300.", accepted(), now=SIGNED_AT + 300
        )
        yield self.case("ahead", "300 seconds ahead of our clock.", accepted(), now=SIGNED_AT - 300)
        yield self.case("of-another-method", "The method is signed as it is.", accepted(), method="PUT")

    def credentials_cases(self, other_word: str) -> Iterator[Vector]:
        malformed = rejected("malformed_header", AUTHORIZATION)
        for id, note, expect, credentials in [
            (
                "other-word",
                "The word of the other scheme, with a right signature.",
                malformed,
                lambda tag: f"{other_word} {self.key}:{tag}",
            ),
            ("bearer", "Another word.", malformed, lambda tag: f"Bearer {self.key}:{tag}"),
            ("no-word", "No word.", malformed, lambda tag: f"{self.key}:{tag}"),
            ("no-key", "No key.", malformed, lambda tag: f"{self.name} {tag}"),
            (
                "other-key",
                "Another key than ours: refused before any digest.",
                rejected("unknown_key"),
                lambda tag: f"{self.name} {self.key[:-1]}0:{tag}",
            ),
            (
                "key-in-another-case",
                "A key is compared as it is.",
                rejected("unknown_key"),
                lambda tag: f"{self.name} {self.key.swapcase()}:{tag}",
            ),
            ("empty-key", "An empty key.", rejected("unknown_key"), lambda tag: f"{self.name} :{tag}"),
            ("unpadded", "The signature without its pad.", malformed, lambda tag: f"{self.name} {self.key}:{tag[:-1]}"),
            (
                "for-addresses",
                "The signature in the alphabet for addresses.",
                malformed,
                lambda tag: f"{self.name} {self.key}:-_{tag[2:]}",
            ),
            (
                "lax-digit",
                "A last digit that decodes to the same bytes where decoders are lax.",
                rejected("signature_mismatch"),
                lambda tag: f"{self.name} {self.key}:{tag[:42]}{BASE64[BASE64.index(tag[42]) ^ 1]}=",
            ),
            (
                "sha1",
                "A tag of SHA-1 has no form of this scheme.",
                malformed,
                lambda tag: f"{self.name} {self.key}:{b64(b'x' * 20)}",
            ),
            (
                "hexadecimal",
                "The tag in hexadecimal digits.",
                malformed,
                lambda tag: f"{self.name} {self.key}:{base64.b64decode(tag).hex()}",
            ),
            ("empty", "An empty signature.", malformed, lambda tag: f"{self.name} {self.key}:"),
            (
                "trailing-space",
                "A space behind the signature.",
                malformed,
                lambda tag: f"{self.name} {self.key}:{tag} ",
            ),
        ]:
            yield self.case(f"authorization-{id}", note, expect, credentials=credentials)

    def header_cases(self) -> Iterator[Vector]:
        for name in (AUTHORIZATION, X_TIMESTAMP, CONTENT_TYPE):
            yield self.case(
                f"without-{name}",
                "A header that is signed, or carries the proof, is missing.",
                rejected("missing_header", name),
                arrange=without(name),
            )
            yield self.case(
                f"doubled-{name}",
                "A header came twice: nobody knows which one was signed.",
                rejected("repeated_header", name),
                arrange=doubled(name),
            )
        yield self.case(
            "joined-x-timestamp",
            "Two times that a proxy joined.",
            rejected("repeated_header", X_TIMESTAMP),
            time=f"{TIME},{TIME}",
        )
        for id, note, content_type in [
            ("charset-in-capitals", "The content type is signed byte for byte: a proxy wrote it anew.", TYPE.upper()),
            ("without-the-space", "A space was lost.", TYPE.replace("; ", ";")),
            ("without-the-charset", "The parameter was dropped.", "application/json"),
        ]:
            yield self.case(
                f"content-type-{id}",
                note,
                rejected("signature_mismatch"),
                content_type=content_type,
                tag=self.tag(),
            )
        yield self.case(
            "content-type-empty",
            "An empty content type, even if it was signed.",
            rejected("malformed_header", CONTENT_TYPE),
            content_type="",
        )

    def time_cases(self) -> Iterator[Vector]:
        yield self.case("stale", "A second older than the window.", rejected("stale"), now=SIGNED_AT + 301)
        yield self.case(
            "from-the-future", "A second further ahead than the window.", rejected("from_future"), now=SIGNED_AT - 301
        )
        yield self.case(
            "time-renewed",
            "A captured callback with a time of today.",
            rejected("signature_mismatch"),
            time="2026-10-01T13:00:00.1234567Z",
            tag=self.tag(),
            now=SIGNED_AT + 3600,
        )
        yield self.case(
            "time-of-another-spelling",
            "The same moment, written otherwise: it is the text that was signed.",
            rejected("signature_mismatch"),
            time="2026-10-01T12:00:00Z",
            tag=self.tag(),
        )
        malformed = rejected("malformed_header", X_TIMESTAMP)
        for id, note, time in [
            (
                "doubled-name",
                "The header's name stands in its value, as an SDK's test signs it.",
                f"x-timestamp:{TIME}",
            ),
            ("in-unix-seconds", "Another form of time.", str(SIGNED_AT)),
            ("of-no-day", "A day that no calendar has.", "2026-02-30T12:00:00Z"),
            ("with-a-line-break", "A line break, and what follows it.", f"{TIME}\n/elsewhere"),
            ("empty", "An empty time.", ""),
        ]:
            yield self.case(f"time-{id}", note, malformed, time=time)

    def moved_cases(self) -> Iterator[Vector]:
        """Bytes moved across the line breaks of the signed string, which stays the same."""
        md5 = b64(hashlib.md5(raw(self.body)).digest())
        mismatch = rejected("signature_mismatch")
        yield self.case(
            "moved-from-the-path-into-the-time",
            "The path's first part stands behind the time: without a line break the string is another.",
            rejected("malformed_header", X_TIMESTAMP),
            time=TIME + self.path[:4],
            target=self.path[4:],
            tag=self.tag(),
        )
        yield self.case(
            "moved-from-the-time-into-the-content-type",
            "The line of the time stands behind the content type, and the path in the time's place.",
            rejected("malformed_header", X_TIMESTAMP),
            content_type=f"{TYPE}\nx-timestamp:{TIME}",
            time=self.path,
            tag=self.tag(),
        )
        yield self.case(
            "moved-into-the-content-type",
            "A content type with a line break is none, whatever was signed.",
            rejected("malformed_header", CONTENT_TYPE),
            content_type=f"{TYPE}\nx-timestamp:{TIME}",
        )
        yield self.case(
            "moved-into-the-method",
            "A method with a line break, over the digest of another body.",
            mismatch,
            method=f"POST\n{md5}",
        )
        yield self.case(
            "moved-into-the-path",
            "A path with a line break is none, even if it was signed.",
            mismatch,
            target=f"{self.path}\nx-timestamp:{TIME}\n/",
        )

    def signed_otherwise_cases(self) -> Iterator[Vector]:
        mismatch = rejected("signature_mismatch")
        yield self.case(
            "another-path", "The callback came to another path.", mismatch, target="/elsewhere", tag=self.tag()
        )
        yield self.case(
            "path-percent-decoded",
            "The path was signed as it was decoded, as Java's getPath gives it.",
            mismatch,
            target="/caf%C3%A9/callback",
            tag=self.tag(path="/caf\u00e9/callback"),
        )
        yield self.case(
            "query-signed",
            "The query was signed too, which Sinch does not.",
            mismatch,
            target=f"{self.path}?tenant=7",
            tag=self.tag(path=f"{self.path}?tenant=7"),
        )
        yield self.case("another-method", "Another method than the signed one.", mismatch, method="PUT", tag=self.tag())
        yield self.case(
            "secret-not-decoded",
            "The signer took the secret's text for the key.",
            mismatch,
            tag=tag_of(SECRET, signed_string("POST", raw(self.body), TYPE, TIME, self.path)),
        )
        yield self.case("of-a-stranger", "The secret is not ours.", mismatch, tag=self.tag(OTHER_SECRET))
        for id, note, body in [
            ("newline-added", "A newline behind the body.", self.body + "\n"),
            ("cut-short", "The last byte is missing.", self.body[:-1]),
            ("of-another-callback", "Another body under a right signature.", "{}"),
        ]:
            yield self.case(f"body-{id}", note, mismatch, body=body, tag=self.tag())
        empty = rejected("empty_body")
        for id, note, md5 in [
            ("an-empty-line", "An empty body, signed as Node and Java do it: with an empty line.", ""),
            ("the-digest-of-nothing", "An empty body, signed as Python does it.", "1B2M2Y8AsgTpgAmY7PhCfg=="),
        ]:
            string = signed_string("POST", b"", TYPE, TIME, self.path, md5)
            yield self.case(f"empty-body-as-{id}", note, empty, body="", tag=tag_of(decoded(SECRET), string))
