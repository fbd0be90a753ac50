"""The events that Lambda hands to the functions, in the form that AWS documents."""

import base64
import time
import uuid

from sinch import Callback


def function_url(callback: Callback, *, method: str = "POST", as_text: bool | None = None) -> dict:
    """A Function URL's event (payload format 2.0) for this callback.

    Unless told otherwise, JSON comes as text and everything else in base64.
    """
    if as_text is None:
        as_text = callback.content_type == "application/json"
    body = callback.body
    domain = "madeup.lambda-url.us-east-1.on.aws"
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/callbacks",
        "rawQueryString": "",
        "headers": {
            "host": domain,
            "content-type": callback.content_type,
            "content-length": str(len(body)),
            "x-forwarded-for": "198.51.100.7",
            "x-forwarded-proto": "https",
            "x-forwarded-port": "443",
            **callback.headers,
        },
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "madeup",
            "domainName": domain,
            "domainPrefix": "madeup",
            "http": {
                "method": method,
                "path": "/callbacks",
                "protocol": "HTTP/1.1",
                "sourceIp": "198.51.100.7",
                "userAgent": "made-up",
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": "$default",
            "stage": "$default",
            "time": "24/Nov/2026:08:00:00 +0000",
            "timeEpoch": int(time.time() * 1000),
        },
        "body": body.decode() if as_text else base64.b64encode(body).decode(),
        "isBase64Encoded": not as_text,
    }


def sqs_record(text: str, group: str, content_key: str, *, received: int = 1) -> dict:
    now = str(int(time.time() * 1000))
    return {
        "messageId": str(uuid.uuid4()),
        "receiptHandle": f"made-up-{uuid.uuid4()}",
        "body": text,
        "attributes": {
            "ApproximateReceiveCount": str(received),
            "SentTimestamp": now,
            "SenderId": "made-up",
            "ApproximateFirstReceiveTimestamp": now,
            "MessageGroupId": group,
            "MessageDeduplicationId": content_key,
            "SequenceNumber": "18849496460467696128",
        },
        "messageAttributes": {},
        "md5OfBody": "made-up",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:made-up.fifo",
        "awsRegion": "us-east-1",
    }


def sqs(*records: dict) -> dict:
    return {"Records": list(records)}
