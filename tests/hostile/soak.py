"""A long time of `sinch-callback serve` under a mixed load: memory and descriptors have to stay flat,
and everything acknowledged has to be there at the end.

usage: soak.py [--minutes N] [--json]
"""

import argparse
import contextlib
import json
import pathlib
import random
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import sender
from receiver import Receiver, Store

# How much the last quarter's median may lie above the second quarter's. The first quarter fills
# caches; what grows by each callback would show here many times over.
MEMORY_MARGIN_KB = 8_192
DESCRIPTOR_MARGIN = 16
PAUSE_S = 0.002
SENDERS = 3


class Load(threading.Thread):
    """Genuine callbacks, repeats, forgeries, malformed requests, and connections that idle."""

    def __init__(self, address, number: int, stopping: threading.Event):
        super().__init__(daemon=True)
        self.address = address
        self.number = number
        self.stopping = stopping
        self.random = random.Random(number)
        self.acknowledged = 0
        self.repeats = 0
        self.refused = 0
        self.failure: str | None = None
        self.last: bytes | None = None

    def run(self) -> None:
        idle = []
        connection = None
        count = 0
        while not self.stopping.is_set():
            count += 1
            if connection is None or count % 500 == 0:
                if connection is not None:
                    connection.close()
                connection = sender.connect(self.address)
                replies = sender.Replies(connection)
            data, expected = self._next(count)
            try:
                connection.sendall(data)
                reply = replies.next()
            except OSError as error:
                self.failure = f"{error!r} at {count}"
                return
            if reply is None or reply[0] != expected:
                self.failure = f"expected {expected}, found {reply}"
                return
            if expected >= 400:
                # What is malformed is answered before its body is read, and the connection closed.
                connection.close()
                connection = None
            if count % 200 == 0:
                idle.append(sender.connect(self.address))
            if len(idle) > 20:
                idle.pop(0).close()
            self.stopping.wait(PAUSE_S)
        for one in idle:
            one.close()

    def _next(self, count: int) -> tuple[bytes, int]:
        kind = self.random.random()
        if kind < 0.1 and self.last is not None:
            self.repeats += 1
            return self.last, 200
        if kind < 0.2:
            self.refused += 1
            body = sender.report("forged")
            return sender.request(body, sender.signed(body, "guessed")), 401
        if kind < 0.25:
            self.refused += 1
            return sender.request(b"{}", {}), 400
        self.acknowledged += 1
        self.last = sender.callback(f"soak-{self.number}-{count}")
        return self.last, 200


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=1440, help="how long (a day)")
    parser.add_argument("--json", action="store_true", help="print for machines")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Receiver(pathlib.Path(folder), "--header-timeout", "5") as receiver:
        return soak(receiver, options)


def soak(receiver: Receiver, options) -> int:
    stopping = threading.Event()
    loads = [Load(receiver.address, number, stopping) for number in range(SENDERS)]
    for load in loads:
        load.start()
    seconds = options.minutes * 60
    begun = time.monotonic()
    samples: list[tuple[int, int]] = []
    while (gone := time.monotonic() - begun) < seconds and not any(load.failure for load in loads):
        samples.append((receiver.resident_kb(), receiver.descriptors()))
        if sys.stderr.isatty():
            kb, descriptors = samples[-1]
            left = (seconds - gone) / 60
            print(f"\r{left:7.1f} min left  {kb / 1024:6.1f} MB  {descriptors} descriptors ", end="", file=sys.stderr)
        stopping.wait(min(5.0, seconds / 100))
    stopping.set()
    for load in loads:
        load.join(30)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    failures = [load.failure for load in loads if load.failure]
    sent = sum(load.acknowledged for load in loads)
    counts = sender.settled(receiver.address, 120)
    with contextlib.suppress(RuntimeError):
        receiver.stop()
    with Store(receiver.data) as store:
        stored = store.one("SELECT count(*) FROM callbacks")
        states = store.one("SELECT count(*) FROM messages WHERE state = 'delivered'")
    quarter = max(1, len(samples) // 4)
    second, last = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    growth = [statistics.median(s[i] for s in last) - statistics.median(s[i] for s in second) for i in (0, 1)]
    result = {
        "minutes": round((time.monotonic() - begun) / 60, 2),
        "acknowledged": sent,
        "stored": stored,
        "delivered": states,
        "repeats": sum(load.repeats for load in loads),
        "refused": sum(load.refused for load in loads),
        "queued": counts["queued"],
        "memory_mb": round(samples[-1][0] / 1024, 1),
        "memory_growth_kb": growth[0],
        "descriptor_growth": growth[1],
        "failures": failures,
    }
    holds = (
        not failures
        and stored == states == sent
        and growth[0] <= MEMORY_MARGIN_KB
        and growth[1] <= DESCRIPTOR_MARGIN
    )
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name}: {value}")
        print(f"figure soak_minutes {result['minutes']}")
        print(f"figure soak_memory_growth_kb {growth[0]:g}")
        print(f"figure soak_descriptor_growth {growth[1]:g}")
        print(f"figure soak_lost_or_doubled {abs(sent - stored) + abs(sent - states)}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
