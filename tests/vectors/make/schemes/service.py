"""Voice v2: service-signed."""

from collections.abc import Iterator

from case import Vector
from scheme_case import accepted

from schemes.request_signed import Scheme

BODY = '{"event":"call.hungup","call":{"callId":"01jexample0000000000000003","result":"ANSWERED"}}'


def cases() -> Iterator[Vector]:
    scheme = Scheme("service", "b6d0a2e9-18c4-4c37-8e55-f4a7390d1e62", BODY, "/voice/v2")
    yield from scheme.cases("application")
    yield scheme.case(
        "cloudevents-headers",
        "The headers of CloudEvents are not signed: whoever has captured a callback may change them.",
        accepted(),
        arrange=lambda headers: [*headers, ["ce-id", "made-up"], ["ce-type", "com.sinch.voice.call.control.v1"]],
    )
