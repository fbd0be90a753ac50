"""Sinch's callbacks as a Function URL hands them to its function."""

import base64
import hmac
import itertools
import json
import time
from typing import Any

SECRET = "example-secret-not-real-1"
BODY_BYTES = 527

numbers = itertools.count()


def events(count: int) -> list[bytes]:
    return [event() for _ in range(count)]


def event() -> bytes:
    """A delivery report about a message of its own, signed now."""
    number = next(numbers)
    report: dict[str, Any] = {
        "app_id": "01EXAMPLEAPP0000000000000",
        "accepted_time": "2021-10-18T17:49:10.25Z",
        "project_id": "00000000-0000-0000-0000-000000000000",
        "message_delivery_report": {
            "message_id": f"01FJA8EXAMPLE{number:013}",
            "conversation_id": "01FJA8EXAMPLE2002",
            "status": "DELIVERED",
            "channel_identity": {"channel": "SMS", "identity": "4700000000", "app_id": ""},
            "contact_id": "01FJA8EXAMPLE3003",
            "metadata": "",
            "processing_mode": "CONVERSATION",
        },
        "message_metadata": "",
    }
    missing = BODY_BYTES - len(json.dumps(report, separators=(",", ":")))
    report["message_delivery_report"]["metadata"] = "x" * missing
    body = json.dumps(report, separators=(",", ":"))
    nonce = f"01FJA8B4A7EX{number:014}"
    now = time.time()
    signed = f"{body}.{nonce}.{int(now)}"
    signature = base64.b64encode(hmac.digest(SECRET.encode(), signed.encode(), "sha256")).decode()
    domain = "example0000000000000000000000000.lambda-url.eu-central-1.on.aws"
    url_event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "content-length": str(len(body)),
            "content-type": "application/json",
            "host": domain,
            "user-agent": "Apache-HttpClient/4.5",
            "x-amzn-trace-id": f"Root=1-{int(now):08x}-{number:024x}",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            "x-sinch-webhook-signature": signature,
            "x-sinch-webhook-signature-algorithm": "HmacSHA256",
            "x-sinch-webhook-signature-nonce": nonce,
            "x-sinch-webhook-signature-timestamp": str(int(now)),
        },
        "requestContext": {
            "accountId": "anonymous",
            "apiId": domain.split(".", maxsplit=1)[0],
            "domainName": domain,
            "domainPrefix": domain.split(".", maxsplit=1)[0],
            "http": {
                "method": "POST",
                "path": "/",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "Apache-HttpClient/4.5",
            },
            "requestId": f"00000000-0000-4000-9000-{number:012}",
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "body": body,
        "isBase64Encoded": False,
    }
    return json.dumps(url_event, separators=(",", ":")).encode()
