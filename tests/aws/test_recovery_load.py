"""Many intents at once, half of them in trouble, while what acts on them is killed, doubled and crowded."""

import json
import os
import random
import signal
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import sinch
from poll import eventually
from recovery import BUSY, CUT, DOUBLED, ENDS, ERROR, FAILS, SILENT, Person, Recovery, intent

# What happens to one in twenty each: half of all in trouble.
TROUBLE = [FAILS] * 3 + [SILENT] + [ERROR] * 2 + [BUSY] * 2 + [CUT] + [DOUBLED]
# Steps of half a minute, the shortest there are; nothing may go twice on one channel.
ONCE = {"steps": [{"channel": "SMS", "wait": "PT30S"}, {"channel": "WHATSAPP", "wait": "PT30S"}], "double": "never"}
# Seconds between two killings, and how many there are.
APART, KILLINGS = 3.0, 8


@pytest.mark.parametrize("count", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_of_many_intents_each_is_told_once_and_none_is_sent_twice(recovery: Recovery, count: int) -> None:
    rng = random.Random(count)
    recovery.switch("on")
    recovery.stack.forget_events()
    people = [Person(TROUBLE[n // 2 % len(TROUBLE)]) if n % 2 else Person() for n in range(count)]
    asked = [intent(person, sinch.new_id("many"), plan="otp" if n % 3 else ONCE) for n, person in enumerate(people)]
    begun = len(recovery.sinch.sends())

    stop = threading.Event()
    with ThreadPoolExecutor(8) as hands:
        troubles = [
            hands.submit(kill, recovery, stop, rng),
            hands.submit(crowd, recovery, stop, rng, asked),
            hands.submit(say_how_old_the_queue_is, recovery, stop),
        ]
        # Half by the queue, a quarter of which twice; half by invoke, of whom some lose the answer and ask again.
        for first in range(0, count, 20):
            batch = asked[first : first + 20]
            recovery.queue(*batch[::2], *batch[::8])
            list(hands.map(lambda one: accepted(recovery, one), batch[1::2]))
        try:
            wanted = {one["key"] for one in asked}
            ends = eventually(lambda: ended(recovery, wanted), limit=300 + count / 2, every=1)
        finally:
            stop.set()
        for trouble in troubles:
            trouble.result()

    # The functions are no longer disturbed; whatever lay about is done.
    eventually(recovery.stack.idle, limit=120)
    recovery.invoke({"source": "aws.events"})
    told = {e["id"]: e for e in events(recovery, wanted)}
    by_key = Counter(e["key"] for e in told.values() if e["type"] in ENDS)
    assert {key: n for key, n in by_key.items() if n != 1} == {} and by_key.keys() == wanted
    assert ends == {e["key"]: (e["type"], e["reason"]) for e in told.values() if e["type"] in ENDS}

    sends = recovery.sinch.sends()[begun:]
    calls = Counter(send["correlation_id"] for send in sends)
    # A call that was answered 429 sent nothing: it is planned again, under its own name.
    went_out = Counter(send["correlation_id"] for send in sends if send["status"] != 429)
    assert {name: n for name, n in went_out.items() if n > 1} == {}
    assert {s["correlation_id"] for s in sends if s["status"] == 429} <= calls.keys()
    by_person = defaultdict(list)
    for send in sends:
        by_person[send["to"]].append(send)
    keys = {person.number: one["key"] for person, one in zip(people, asked, strict=True)}
    twice = {
        number: made
        for number, made in by_person.items()
        if any(n > 1 for n in Counter(s["channel"] for s in made if s["message_ids"]).values())
        and next(one["plan"] for one in asked if one["key"] == keys[number]) != "otp"
    }
    assert twice == {}
    assert after_success(recovery, begun) == []
    done = sum(1 for kind, _ in ends.values() if kind == "intent.done")
    print(f"figure aws_intents {count}")
    print(f"figure aws_intents_done {done}")
    print(f"figure aws_sends_twice {len(twice)}")


def accepted(recovery: Recovery, one: dict[str, Any]) -> None:
    """Invokes the function until it answers: it may be killed meanwhile."""
    for _ in range(20):
        try:
            answer = recovery.invoke(one)
        except AssertionError:
            continue
        assert answer["key"] == one["key"], answer
        return
    raise AssertionError(f"{one['key']} was never answered")


def kill(recovery: Recovery, stop: threading.Event, rng: random.Random) -> None:
    """kill -9 of what runs the functions, while intents come in and for a while longer."""
    killed = 0
    for _ in range(KILLINGS):
        if stop.wait(APART):
            break
        for function in ("Recovery", "Processor"):
            running = recovery.cloud.environments(recovery.stack.outputs[f"{function}FunctionName"])
            for pid in rng.sample(running, min(len(running), 2)):
                with_signal(pid)
                killed += 1
    assert killed > 0, "nothing was killed"


def with_signal(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def crowd(recovery: Recovery, stop: threading.Event, rng: random.Random, asked: list[dict[str, Any]]) -> None:
    """The same intents once more, and two sweeps at once, beside that of each minute, for as long as is killed."""
    sweep = {"FunctionName": recovery.function, "InvocationType": "Event"}
    for _ in range(KILLINGS):
        if stop.wait(APART):
            break
        recovery.queue(*rng.sample(asked, 2))
        for _ in range(2):
            recovery.stack.functions.invoke(Payload=json.dumps({"source": "aws.events"}), **sweep)


def say_how_old_the_queue_is(recovery: Recovery, stop: threading.Event) -> None:
    """What AWS does by itself, and ministack does not: without it nothing is heard while a callback waits."""
    stack, empty = recovery.stack, time.time()
    queue = stack.outputs["QueueUrl"].rsplit("/", 1)[1]
    while not stop.wait(1.0):
        empty = time.time() if stack.idle() else empty
        data = {
            "MetricName": "ApproximateAgeOfOldestMessage",
            "Dimensions": [{"Name": "QueueName", "Value": queue}],
            "Value": time.time() - empty,
        }
        recovery.cloud.client("cloudwatch").put_metric_data(Namespace="AWS/SQS", MetricData=[data])


def events(recovery: Recovery, wanted: set[str]) -> list[dict[str, Any]]:
    return [e["detail"] for e in recovery.stack.all_events() if e["detail"].get("key") in wanted]


def ended(recovery: Recovery, wanted: set[str]) -> dict[str, tuple[str, str]]:
    """How each intent ended, once all have."""
    found = {e["key"]: (e["type"], e["reason"]) for e in events(recovery, wanted) if e["type"] in ENDS}
    assert len(found) == len(wanted), f"{len(found)} of {len(wanted)} have ended"
    return found


def after_success(recovery: Recovery, begun: int) -> list[dict[str, Any]]:
    """Sends that began after the intent's message was reported as delivered, and the report was accepted."""
    delivered: dict[str, int] = {}
    for entry in recovery.sinch.entries("callback"):
        if entry["reports"] == "DELIVERED" and entry["status"] == 200:
            delivered.setdefault(entry["correlation_id"].split("~")[0], entry["at_ms"])
    sends = recovery.sinch.sends()[begun:]
    return [s for s in sends if s["at_ms"] > delivered.get(s["correlation_id"].split("~")[0], s["at_ms"])]
