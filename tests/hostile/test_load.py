"""Honest senders are served while others misbehave: their median stays within twice of what it is
without them."""

import contextlib
import itertools
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

import attacks
import sender
from conftest import Serve
from figures import figure

# Each round is measured without the attack before and behind it, so that the machine's own moods cancel.
ROUNDS = 7
HONEST_CONNECTIONS = 4
HONEST_CALLBACKS = 200
# Below this many milliseconds, a few waits for the disk, a median says more about this machine than
# about the receiver: attackers and clients have the same two processors as it has.
FLOOR_MS = 5.0
FILES = attacks.IDLE_CONNECTIONS + 2_000
# Connections that the receiver must show while the attack goes on: of those without end, as many as
# it takes at most, less the ones that it has just closed.
HELD = {"idle": 1_900, "slow": attacks.SLOW_CONNECTIONS * 9 // 10, "half_heads": 400, "stalled": attacks.STALLED // 2}
# Megabytes that the receiver may have had resident at most.
PEAK_MB = 64
HERE = pathlib.Path(__file__).parent


class Honest:
    """A genuine sender, over a few kept connections in turn."""

    def __init__(self, address: sender.Address) -> None:
        self.connections = [sender.connect(address) for _ in range(HONEST_CONNECTIONS)]
        self.turns = itertools.cycle([(one, sender.Replies(one)) for one in self.connections])
        self.accepted = 0

    def __enter__(self) -> "Honest":
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self.connections:
            connection.close()

    def median_ms(self) -> float:
        requests = [sender.callback(f"honest-{self.accepted + number}") for number in range(HONEST_CALLBACKS)]
        times = []
        for request in requests:
            connection, replies = next(self.turns)
            begun = time.perf_counter()
            connection.sendall(request)
            reply = replies.next()
            times.append(time.perf_counter() - begun)
            assert reply is not None and reply[0] == 200, reply
        self.accepted += len(requests)
        return statistics.median(times) * 1000


def most_held(admin: sender.Address, wanted: int) -> float:
    """How many connections the receiver shows, once it has taken as many as are wanted. What an attack
    has opened may still wait to be taken."""
    held, deadline = 0.0, time.monotonic() + 10
    while held < wanted and time.monotonic() < deadline:
        held = max(held, sender.metric(admin, "sinch_callback_connections"))
    return held


@contextlib.contextmanager
def under(attack: str, address: sender.Address, acts: list[int]) -> Iterator[None]:
    """While strangers attack at full strength. Adds the number of their acts."""
    host, port = address
    process = subprocess.Popen(
        [sys.executable, HERE / "attacks.py", attack, host, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
    )
    assert process.stdin and process.stdout
    try:
        assert process.stdout.readline() == "ready\n", "the attack never began"
        yield
        assert process.poll() is None, "the attack has ended by itself"
        process.stdin.close()
        acts.append(int(process.stdout.readline()))
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait(30)
        process.stdout.close()


@pytest.fixture
def many_files() -> Iterator[None]:
    """As many open files as ten thousand connections take, in the receiver and in its attacker."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FILES), max(hard, FILES)))
    except (ValueError, PermissionError):
        pytest.fail(f"this machine allows {hard} open files, and {FILES} are needed: raise the limit (ulimit -Hn)")
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, max(hard, FILES)))


@pytest.mark.parametrize("attack", attacks.ATTACKS)
def test_the_honest_are_served_within_twice_their_median(serve: Serve, many_files: None, attack: str) -> None:
    receiver = serve("--header-timeout", "60")
    attacked: list[float] = []
    acts: list[int] = []
    seconds = 0.0
    with Honest(receiver.address) as honest:
        honest.median_ms()
        alone = [honest.median_ms()]
        for _ in range(ROUNDS):
            with under(attack, receiver.address, acts):
                begun = time.monotonic()
                held = most_held(receiver.admin, HELD.get(attack, 1))
                assert held >= HELD.get(attack, 1), f"{held} connections: the attack is too weak"
                attacked.append(honest.median_ms())
                seconds += time.monotonic() - begun
            alone.append(honest.median_ms())
    around = [statistics.mean(pair) for pair in itertools.pairwise(alone)]
    ratio = statistics.median(under_it / without for under_it, without in zip(attacked, around, strict=True))
    alone_ms, attacked_ms = statistics.median(alone), statistics.median(attacked)
    figure(f"load_{attack}_ratio", round(ratio, 2))
    figure(f"load_{attack}_alone_ms", round(alone_ms, 2))
    figure(f"load_{attack}_attacked_ms", round(attacked_ms, 2))
    if attack != "idle":
        assert sum(acts) > 0, "the attack did nothing"
        figure(f"load_{attack}_acts_per_second", round(sum(acts) / seconds))
    assert ratio <= 2 or attacked_ms <= FLOOR_MS
    peak_mb = receiver.peak_kb() / 1024
    figure(f"load_{attack}_peak_mb", round(peak_mb, 1))
    assert peak_mb < PEAK_MB
    counts = sender.settled(receiver.admin)
    assert counts["callbacks"] == counts["messages"] == honest.accepted, "nothing but the honest is stored"
    assert receiver.process.poll() is None
