"""Many callbacks at once."""

from concurrent.futures import ThreadPoolExecutor

import sinch
from poll import eventually
from stack import Stack, aggregate

COUNT = 1000


def test_a_thousand_callbacks_at_once_have_exactly_a_thousand_effects(stack: Stack) -> None:
    prefix = sinch.new_id("bulk")
    callbacks = [sinch.sign(sinch.Report(f"{prefix}-{n:04d}").body(), stack.secret) for n in range(COUNT)]
    # A tenth comes twice, as retries whose reply was lost do.
    traffic = callbacks + callbacks[: COUNT // 10]

    with ThreadPoolExecutor(48) as senders:
        answers = list(senders.map(stack.post, traffic))

    assert [str(answer) for answer in answers if answer.status != 200] == []

    def recorded() -> list[dict]:
        items = stack.scan(f"message#{prefix}")
        assert len(items) == COUNT, f"{len(items)} of {COUNT} items"
        return items

    eventually(recorded, limit=120, every=1)
    eventually(stack.idle, limit=60)
    states = [aggregate(item) for item in stack.scan(f"message#{prefix}")]
    assert len(states) == COUNT
    assert {state["id"] for state in states} == {f"{prefix}-{n:04d}" for n in range(COUNT)}
    assert {(state["state"], state["version"]) for state in states} == {("delivered", 1)}
    entries = [entry["key"] for state in states for entry in state["log"]]
    assert sorted(entries) == sorted(c.content_key for c in callbacks)

    events = [e["detail"] for e in stack.all_events() if e["detail"].get("message_id", "").startswith(prefix)]
    assert len(events) == COUNT
    assert {event["type"] for event in events} == {"delivery.delivered"}
    assert {stack.times_sent(event["id"]) for event in events} == {1}
