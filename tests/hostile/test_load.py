"""Honest senders are served while others misbehave: their median stays within twice of what it is
without them."""

import contextlib
import resource
import socket
import statistics
import threading
import time

import pytest

import sender
from figures import figure

# Rounds with and without the attack, one after the other, so that the machine's own moods cancel.
ROUNDS = 7
HONEST = 100
# Below this many milliseconds, a few waits for the disk, a median says more about this machine than
# about the receiver.
FLOOR_MS = 5.0


def honest_ms(connection: socket.socket, replies: sender.Replies, name: str) -> float:
    """The median time of callbacks over a kept connection."""
    times = []
    for number in range(HONEST):
        data = sender.callback(f"{name}-{number}")
        begun = time.perf_counter()
        connection.sendall(data)
        reply = replies.next()
        times.append(time.perf_counter() - begun)
        assert reply is not None and reply[0] == 200, reply
    return statistics.median(times) * 1000


class Attack:
    """Something that goes on until it is told to stop."""

    # So many connections a sender of its kind keeps busy.
    THREADS = 1

    def __init__(self, address):
        self.address = address
        self.stopping = threading.Event()
        self.done = 0
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(self.THREADS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive()

    def _run(self):
        while not self.stopping.is_set():
            with contextlib.suppress(ConnectionError, TimeoutError):
                self.once()
                self.done += 1
            # An attacker across a network is paced too; without a pause this would measure how two
            # processors share Python's work.
            self.stopping.wait(0.005)

    def once(self):
        raise NotImplementedError


class Forgeries(Attack):
    """Callbacks signed with a guessed secret."""

    THREADS = 4

    def once(self):
        body = sender.report("forged")
        status, _ = sender.exchange(self.address, sender.request(body, sender.signed(body, "guessed")))
        assert status == 401


class LargeHeads(Attack):
    """Requests with a megabyte of headers."""

    def once(self):
        with sender.connect(self.address) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"POST /callbacks HTTP/1.1\r\nhost: test\r\nx-padding: " + b"a" * 1_000_000)
            reply = sender.Replies(connection).next()
            assert reply is None or reply[0] in (400, 431), reply


class Garbage(Attack):
    """Bytes that are no HTTP, many requests' worth at once."""

    def once(self):
        with sender.connect(self.address) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall((b"\x00\xff{]\r\n\r\n" + b"GET nonsense\r\n\r\n") * 500)
            statuses = sender.Replies(connection).all()
            assert all(status == 400 for status in statuses), statuses


class Slow(Attack):
    """Requests that come a byte at a time, heads and bodies, from many connections."""

    CONNECTIONS = 200

    def __init__(self, address):
        super().__init__(address)
        body = sender.report("slow")
        whole = sender.request(body, sender.signed(body, "guessed"))
        self.requests = [whole, b"POST /callbacks HTTP/1.1\r\nhost: test\r\nx-slow: " + b"a" * 4_000]
        self.connections = []

    def once(self):
        if len(self.connections) < self.CONNECTIONS:
            self.connections.append([sender.connect(self.address), self.requests[len(self.connections) % 2], 0])
        for place in list(self.connections):
            connection, data, at = place
            try:
                connection.sendall(data[at : at + 1])
                place[2] = (at + 1) % (len(data) - 1)
            except ConnectionError:
                self.connections.remove(place)

    def __exit__(self, *args):
        super().__exit__(*args)
        for connection, _, _ in self.connections:
            connection.close()


class Idle:
    """Ten thousand connections on which nothing is ever sent."""

    CONNECTIONS = 10_000

    def __init__(self, address):
        self.address = address
        self.connections = []
        self.done = 0

    def __enter__(self):
        self.connections = [sender.connect(self.address) for _ in range(self.CONNECTIONS)]
        self.done = len(self.connections)
        return self

    def __exit__(self, *_):
        for connection in self.connections:
            # A reset frees the port at once.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            connection.close()


@pytest.fixture
def many_files():
    """As many open files as ten thousand connections take, here and in the receiver."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 12_000
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), max(hard, wanted)))
    except (ValueError, PermissionError):
        pytest.fail(f"this machine allows {hard} open files, and {wanted} are needed: raise the limit (ulimit -n)")
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, max(hard, wanted)))


@pytest.mark.parametrize("attack", [Idle, Slow, LargeHeads, Garbage, Forgeries])
def test_the_honest_are_served_within_twice_their_median(serve, many_files, attack):
    receiver = serve("--header-timeout", "60")
    with sender.connect(receiver.address) as connection:
        replies = sender.Replies(connection)
        honest_ms(connection, replies, "warm-up")
        alone, attacked = [], []
        for number in range(ROUNDS):
            alone.append(honest_ms(connection, replies, f"alone-{number}"))
            with attack(receiver.address) as other:
                attacked.append(honest_ms(connection, replies, f"attacked-{number}"))
                assert other.done > 0, "the attack never began"
    alone_ms, attacked_ms = statistics.median(alone), statistics.median(attacked)
    ratio = attacked_ms / alone_ms
    print(f"{attack.__name__}: {alone_ms:.2f} ms alone, {attacked_ms:.2f} ms attacked: {ratio:.2f}")
    figure(f"load_{attack.__name__.lower()}_ratio", ratio)
    assert attacked_ms <= max(2 * alone_ms, FLOOR_MS)
    counts = sender.settled(receiver.address)
    assert counts["messages"] == HONEST * (2 * ROUNDS + 1), "nothing but the honest is stored"
    assert receiver.process.poll() is None
