"""A long time of `sinch-callback serve` under a mixed load: memory and descriptors have to stay flat,
and everything acknowledged has to be there once at the end."""

import argparse
import json
import pathlib
import random
import socket
import statistics
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import sender
from receiver import Receiver, Store

# How much the last quarter's median may lie above the second quarter's. In a short run the guard still
# fills up in between, which takes five megabytes, and SQLite's cache of pages; in a long one both are
# full by then.
MEMORY_MARGIN_KB = 8_192
DESCRIPTOR_MARGIN = 16
SENDERS = 3
# Connections that a sender leaves idle at a time.
IDLE = 20
# A connection is replaced after so many requests.
REQUESTS = 500
SAMPLES = 400


class Load(threading.Thread):
    """Genuine callbacks, repeats, forgeries, malformed requests, and connections that idle."""

    def __init__(self, address: sender.Address, number: int, pause_s: float, stopping: threading.Event) -> None:
        super().__init__(daemon=True)
        self.address = address
        self.number = number
        self.pause_s = pause_s
        self.stopping = stopping
        self.random = random.Random(number)
        self.acknowledged = 0
        self.repeated = 0
        self.refused = 0
        self.failure: str | None = None
        self.last: bytes | None = None

    def run(self) -> None:
        try:
            self._run()
        except Exception as error:  # noqa: BLE001 - told at the end
            self.failure = repr(error)

    def _run(self) -> None:
        idle: list[socket.socket] = []
        connection: socket.socket | None = None
        count = 0
        while not self.stopping.wait(self.pause_s):
            count += 1
            if count % REQUESTS == 0 and connection is not None:
                connection.close()
                connection = None
            if connection is None:
                connection = sender.connect(self.address)
                replies = sender.Replies(connection)
            if self._exchange(connection, replies, count) >= 400:
                # What is malformed is answered before its body is read, and the connection closed.
                connection.close()
                connection = None
            if count % 100 == 0:
                idle.append(sender.connect(self.address))
            if len(idle) > IDLE:
                idle.pop(0).close()
        for one in [*idle, *([connection] if connection else [])]:
            one.close()

    def _exchange(self, connection: socket.socket, replies: sender.Replies, count: int) -> int:
        """One request of a random kind, and the status of its answer."""
        kind = self.random.random()
        if kind < 0.1 and self.last is not None:
            self._expect(connection, replies, self.last, 200)
            self.repeated += 1
            return 200
        if kind < 0.2:
            body = sender.report("forged")
            self._expect(connection, replies, sender.request(body, sender.signed(body, "guessed")), 401)
            self.refused += 1
            return 401
        if kind < 0.25:
            self._expect(connection, replies, sender.request(b"{}", {}), 400)
            self.refused += 1
            return 400
        request = sender.callback(f"soak-{self.number}-{count}")
        self._expect(connection, replies, request, 200)
        self.last = request
        self.acknowledged += 1
        return 200

    def _expect(self, connection: socket.socket, replies: sender.Replies, request: bytes, status: int) -> None:
        connection.sendall(request)
        reply = replies.next()
        if reply is None or reply[0] != status:
            raise AssertionError(f"expected {status}, found {reply}")


def watch(receiver: Receiver, loads: list[Load], stopping: threading.Event, seconds: float) -> list[tuple[int, int]]:
    """Resident kilobytes and descriptors, again and again until the time is over or a sender fails."""
    samples = []
    begun = time.monotonic()
    while (gone := time.monotonic() - begun) < seconds and not any(load.failure for load in loads):
        if receiver.process.poll() is not None:
            break
        samples.append((receiver.resident_kb(), receiver.descriptors()))
        if sys.stderr.isatty():
            kb, descriptors = samples[-1]
            left = (seconds - gone) / 60
            print(f"\r{left:7.1f} min left  {kb / 1024:6.1f} MB  {descriptors} descriptors ", end="", file=sys.stderr)
        stopping.wait(seconds / SAMPLES)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return samples


def growth(samples: list[tuple[int, int]], which: int) -> float:
    """By how much the median of the last quarter lies above that of the second."""
    quarter = max(1, len(samples) // 4)
    second, last = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    return statistics.median(s[which] for s in last) - statistics.median(s[which] for s in second)


def soak(folder: pathlib.Path, minutes: float, per_second: float) -> dict:
    # What is said of each callback would fill the disk in a day.
    with Receiver(folder, "--header-timeout", "5", log_level="info") as receiver:
        stopping = threading.Event()
        loads = [Load(receiver.address, number, SENDERS / per_second, stopping) for number in range(SENDERS)]
        for load in loads:
            load.start()
        samples = watch(receiver, loads, stopping, minutes * 60)
        stopping.set()
        for load in loads:
            load.join(60)
        failures = [load.failure for load in loads if load.failure]
        failures += ["a sender hangs" for load in loads if load.is_alive()]
        status = receiver.process.poll()
        if status is None:
            sender.settled(receiver.admin, 600)
            status = receiver.stop()
        if status != 0:
            failures.append(f"the receiver ended with {status}")
    acknowledged = sum(load.acknowledged for load in loads)
    with Store(receiver.data) as store:
        stored = store.one("SELECT count(*) FROM bodies")
        applied = len(store.entries())
        delivered = store.one("SELECT count(*) FROM messages WHERE state = 'delivered'")
    memory_kb, descriptors = growth(samples, 0), growth(samples, 1)
    if memory_kb > MEMORY_MARGIN_KB:
        failures.append(f"memory grew by {memory_kb:g} KB, of {MEMORY_MARGIN_KB}")
    if descriptors > DESCRIPTOR_MARGIN:
        failures.append(f"descriptors grew by {descriptors:g}, of {DESCRIPTOR_MARGIN}")
    # Each callback is of a message of its own.
    if not acknowledged == stored == applied == delivered:
        failures.append(f"{acknowledged} acknowledged, {stored} stored, {applied} applied, {delivered} delivered")
    return {
        "minutes": minutes,
        "acknowledged": acknowledged,
        "repeated": sum(load.repeated for load in loads),
        "refused": sum(load.refused for load in loads),
        "lost": max(0, acknowledged - delivered),
        "doubled": max(0, applied - acknowledged),
        "memory_mb": round(samples[-1][0] / 1024, 1),
        "memory_growth_kb": memory_kb,
        "descriptor_growth": descriptors,
        "failures": failures,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1440, help="how long (a day)")
    parser.add_argument("--per-second", type=float, default=100, help="requests, of which three in four are new (100)")
    parser.add_argument("--json", action="store_true", help="print for machines")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = soak(pathlib.Path(folder), options.minutes, options.per_second)
    if options.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            if name != "failures":
                print(f"figure soak_{name} {value:g}")
        for failure in result["failures"]:
            print(f"FAILED: {failure}", file=sys.stderr)
    return 1 if result["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
