"""Plays Sinch: makes callbacks and signs them."""

import base64
import hashlib
import json
import os
import uuid
from dataclasses import dataclass, field

import signing

# Everything that has been signed or sent in this run and must stand in no log line.
unspeakable: set[str] = set()
# What every report says of its recipient.
CONVERSATION, IDENTITY = "made-up-conversation", "+15550100"
unspeakable.update((CONVERSATION, IDENTITY))


def new_secret(word: str = "made-up") -> str:
    secret = f"{word}-secret-{uuid.uuid4()}"
    unspeakable.add(secret)
    return secret


def new_key() -> str:
    """A secret as Sinch shows an application's: in base64."""
    key = base64.b64encode(os.urandom(16)).decode()
    unspeakable.add(key)
    return key


def new_id(word: str = "msg") -> str:
    return f"{word}-{uuid.uuid4()}"


@dataclass(frozen=True)
class Callback:
    """A signed callback: what a retry "as it was" sends again."""

    body: bytes
    headers: dict[str, str]
    content_type: str = "application/json"

    @property
    def content_key(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:32]

    def with_body(self, body: bytes) -> "Callback":
        return Callback(body, self.headers, self.content_type)


def sign(body: bytes, secret: str, *, at: int | None = None, content_type: str = "application/json") -> Callback:
    headers = signing.signed_headers(body, secret, at)
    unspeakable.update((headers[signing.NONCE], headers[signing.SIGNATURE]))
    return Callback(body, headers, content_type)


@dataclass(frozen=True)
class Report:
    """A delivery report of the Conversation API."""

    message_id: str
    status: str = "DELIVERED"
    channel: str = "SMS"
    event_time: str = "2026-11-24T08:00:00Z"
    metadata: str = ""
    correlation_id: str = ""
    reason: dict = field(default_factory=dict)

    def body(self) -> bytes:
        report = {
            "message_id": self.message_id,
            "conversation_id": CONVERSATION,
            "contact_id": "made-up-contact",
            "status": self.status,
            "channel_identity": {"channel": self.channel, "identity": IDENTITY, "app_id": ""},
            "metadata": self.metadata,
        }
        if self.reason:
            report["reason"] = self.reason
        callback = {
            "app_id": "made-up-app",
            "project_id": "made-up-project",
            "accepted_time": self.event_time,
            "event_time": self.event_time,
            "correlation_id": self.correlation_id,
            "message_delivery_report": report,
        }
        return json.dumps(callback).encode()


def new_report() -> bytes:
    """The body of a report on a message of its own."""
    return Report(new_id()).body()


def padded_report(message_id: str, size: int, padding: str = "x") -> bytes:
    """A delivery report of exactly `size` bytes: its filler is a key that nobody knows."""
    start = Report(message_id).body()[:-1] + b', "filler": "'
    end = b'"}'
    room = size - len(start) - len(end)
    written = json.dumps(padding, ensure_ascii=False)[1:-1].encode()
    filler = written * (room // len(written)) + b"x" * (room % len(written))
    body = start + filler + end
    assert len(body) == size
    json.loads(body)
    return body
