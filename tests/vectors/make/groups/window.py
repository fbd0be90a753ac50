"""How old a callback may be, and how far ahead."""

from collections.abc import Iterator

from callback import U64_MAX
from case import Vector, accepted, case, rejected


def cases() -> Iterator[Vector]:
    stale, from_future = rejected("stale"), rejected("from_future")
    at = 1634579353
    unlimited = {"max_age_secs": "unlimited"}
    day = {"max_age_secs": "86400"}
    yield case("age-of-zero", "Signed this very second.", accepted(age_secs=0), now=at)
    yield case("age-exactly-at-the-limit", "Exactly 300 seconds old is accepted.", accepted(age_secs=300), now=at + 300)
    yield case("age-one-past-the-limit", "301 seconds old is stale.", stale, now=at + 301)
    yield case(
        "ahead-by-one", "A clock one second ahead is accepted, and its age is zero.", accepted(age_secs=0), now=at - 1
    )
    yield case(
        "ahead-exactly-at-the-limit", "Exactly 300 seconds ahead is accepted.", accepted(age_secs=0), now=at - 300
    )
    yield case("ahead-one-past-the-limit", "301 seconds ahead is from the future.", from_future, now=at - 301)
    yield case(
        "max-age-zero-at-age-zero",
        "A limit of zero is a limit.",
        accepted(age_secs=0),
        now=at,
        options={"max_age_secs": "0"},
    )
    yield case(
        "max-age-zero-at-age-one",
        "A limit of zero does not mean no limit.",
        stale,
        now=at + 1,
        options={"max_age_secs": "0"},
    )
    yield case(
        "max-ahead-zero-at-age-zero",
        "No tolerance ahead, and none needed.",
        accepted(age_secs=0),
        now=at,
        options={"max_ahead_secs": "0"},
    )
    yield case(
        "max-ahead-zero-ahead-by-one",
        "No tolerance ahead, and a clock that is one second ahead.",
        from_future,
        now=at - 1,
        options={"max_ahead_secs": "0"},
    )
    yield case(
        "age-exactly-a-day",
        "The pipeline's default age: exactly 86400 seconds is accepted.",
        accepted(age_secs=86400),
        now=at + 86400,
        options=day,
    )
    yield case("age-one-past-a-day", "One second more than a day is stale.", stale, now=at + 86401, options=day)
    yield case(
        "unlimited-age-at-the-end-of-time",
        "No limit on age, at the last second that 64 bits hold.",
        accepted(age_secs=U64_MAX - at),
        now=U64_MAX,
        options=unlimited,
    )
    yield case(
        "unlimited-age-from-zero-to-the-end-of-time",
        "The greatest age there is.",
        accepted(age_secs=U64_MAX),
        timestamp="0",
        now=U64_MAX,
        options=unlimited,
    )
    yield case(
        "greatest-limit-but-one",
        "A limit one short of the greatest age is a limit still.",
        stale,
        timestamp="0",
        now=U64_MAX,
        options={"max_age_secs": str(U64_MAX - 1)},
    )
    yield case(
        "unlimited-age-and-from-the-future",
        "No limit on age says nothing about the future.",
        from_future,
        now=at - 301,
        options=unlimited,
    )
    yield case(
        "limited-age-at-the-end-of-time",
        "The last second that 64 bits hold, and the default limit.",
        stale,
        now=U64_MAX,
    )
    yield case(
        "greatest-max-ahead",
        "The greatest tolerance ahead: adding it to now would overflow.",
        accepted(age_secs=0),
        timestamp="999999999999",
        options={"max_ahead_secs": str(U64_MAX)},
    )
    yield case("time-zero", "Signed at zero, received at zero.", accepted(age_secs=0), timestamp="0", now=0)
    yield case(
        "time-zero-ahead-at-the-limit",
        "Received at zero, signed 300 seconds later.",
        accepted(age_secs=0),
        timestamp="300",
        now=0,
    )
    yield case(
        "time-zero-ahead-past-the-limit",
        "Received at zero, signed 301 seconds later: now less the tolerance is below zero.",
        from_future,
        timestamp="301",
        now=0,
    )
