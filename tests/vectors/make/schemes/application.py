"""Voice v1 and Verification v1: application-signed."""

from collections.abc import Iterator

from case import Vector

from schemes.request_signed import Scheme

BODY = (
    '{"event":"dice","callid":"01jexample0000000000000002","timestamp":"2026-10-01T12:00:00Z","result":"ANSWERED",'
    '"duration":42,"version":1}'
)


def cases() -> Iterator[Vector]:
    scheme = Scheme("application", "7e1c9f40-5b7d-4e0a-9a3f-0c2d1b6e8f57", BODY, "/sinch/callback/dice")
    return scheme.cases("service")
