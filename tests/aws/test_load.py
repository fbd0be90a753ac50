"""Many callbacks at once."""

from concurrent.futures import ThreadPoolExecutor

import sinch
from poll import eventually
from stack import Stack

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
        assert len(items) == 2 * COUNT, f"{len(items)} of {2 * COUNT} items"
        return items

    items = eventually(recorded, limit=120, every=1)
    eventually(stack.idle, limit=60)
    items = stack.scan(f"message#{prefix}")
    states = [item for item in items if item["sk"] == "state"]
    entries = [item for item in items if item["sk"].startswith("log#")]
    assert (len(states), len(entries)) == (COUNT, COUNT)
    assert {item["message_id"] for item in states} == {f"{prefix}-{n:04d}" for n in range(COUNT)}
    assert {(item["state"], item["version"]) for item in states} == {("delivered", 1)}
    assert sorted(item["sk"].split("#")[2] for item in entries) == sorted(c.content_key for c in callbacks)

    events = [e["detail"] for e in stack.all_events() if e["detail"].get("message_id", "").startswith(prefix)]
    assert len(events) == COUNT
    assert {event["type"] for event in events} == {"delivery.delivered"}
    assert {stack.times_sent(event["id"]) for event in events} == {1}
