"""What strangers do to a receiver, one kind a process, so that it takes nobody else's time.

usage: attacks.py NAME HOST PORT

Says "ready" once it goes at full strength, goes on until its standard input ends, and says how many
times it has acted.
"""

import contextlib
import resource
import select
import socket
import sys
import time
from collections.abc import Iterator

import sender

IDLE_CONNECTIONS = 10_000
SLOW_CONNECTIONS = 1_000
HALF_HEADS = 12_000
STALLED = 132
LARGE_HEAD_BYTES = 1_000_000
# Acts a second: far more than an attacker's share, and far less than what two processors can do at
# all. Past that the honest wait for a processor, whatever the receiver does.
PACE = {"half_heads": 2_000, "stalled": 100, "large_bodies": 50, "large_heads": 100, "garbage": 500, "forgeries": 5_000}
# A connection's end by reset, so that ten thousand of them leave no port in use behind them.
RESET_AT_END = b"\x01\0\0\0\0\0\0\0"


def stranger(address: sender.Address) -> socket.socket:
    connection = sender.connect(address)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_END)
    return connection


# Each attack yields False while it gets ready, and then the number of its latest acts.


def idle(address: sender.Address) -> Iterator[int | bool]:
    """Connections on which nothing is ever sent."""
    connections: list[socket.socket] = []
    while len(connections) < IDLE_CONNECTIONS:
        connections.append(stranger(address))
        yield False
    while True:
        time.sleep(0.01)
        yield 0


def slow(address: sender.Address) -> Iterator[int | bool]:
    """Heads and bodies that come a byte at a time, on many connections."""
    body = sender.report("slow")
    whole = sender.request(body, sender.signed(body, "guessed"))
    head = len(whole) - len(body)
    # Up to where each of them is sent at once, and what is dripped behind it for as long as it goes.
    kinds = [(b"POST /callbacks HTTP/1.1\r\nhost: test\r\n", b"x-slow: a\r\n"), (whole[:head], body[:-1])]
    connections: dict[socket.socket, tuple[bytes, int]] = {}
    ready, opened = False, 0
    while True:
        while len(connections) < SLOW_CONNECTIONS:
            start, drip = kinds[opened % len(kinds)]
            opened += 1
            connection = stranger(address)
            connection.sendall(start)
            connections[connection] = (drip, 0)
            if not ready:
                yield False
        ready = True
        for connection, (drip, at) in list(connections.items()):
            try:
                connection.sendall(drip[at : at + 1])
                sent = at + 1
            except OSError:
                sent = len(drip)
            # A body is not sent to its end; a head never ends.
            if sent < len(drip):
                connections[connection] = (drip, sent)
            elif drip.startswith(b"x-"):
                connections[connection] = (drip, 0)
            else:
                connection.close()
                del connections[connection]
            yield 1
        time.sleep(0.05)


def half_heads(address: sender.Address) -> Iterator[int | bool]:
    """Heads that are sent up to their last line, over and over on new connections."""
    half = b"POST /callbacks HTTP/1.1\r\nhost: test\r\nx-padding: " + b"a" * 15_000
    connections: list[socket.socket] = []
    while True:
        # From many addresses of this machine, which has no more than so many ports for one.
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_END)
        connection.bind((f"127.0.0.{2 + len(connections) % 200}", 0))
        connection.connect(address)
        with contextlib.suppress(OSError):
            connection.sendall(half)
        connections.append(connection)
        if len(connections) > HALF_HEADS:
            connections.pop(0).close()
        yield len(connections) >= HALF_HEADS // 4


def stalled(address: sender.Address) -> Iterator[int | bool]:
    """Callbacks with a made-up signature that say nothing of their length and send a byte of it."""
    body = sender.report("stalled")
    head = sender.request(body, sender.signed(body, "guessed"))[: -len(body)]
    length = b"content-length: %d" % len(body)
    head = head.replace(length, b"transfer-encoding: chunked") + b"1\r\n{"
    connections: list[socket.socket] = []
    while True:
        connection = stranger(address)
        connection.sendall(head)
        connections.append(connection)
        if len(connections) > STALLED:
            connections.pop(0).close()
        yield len(connections) >= STALLED


def large_bodies(address: sender.Address) -> Iterator[int | bool]:
    """Bodies with a made-up signature that are as large as is taken, and stop before their end."""
    body = b"x" * 2_000_000
    whole = sender.request(body, sender.signed(body, "guessed"))
    connections: list[socket.socket] = []
    while True:
        connection = stranger(address)
        with contextlib.suppress(OSError):
            connection.sendall(whole[:-1])
        connections.append(connection)
        if len(connections) > STALLED:
            connections.pop(0).close()
        yield len(connections) >= 20


def large_heads(address: sender.Address) -> Iterator[int | bool]:
    """Requests with a megabyte of headers."""
    head = b"POST /callbacks HTTP/1.1\r\nhost: test\r\nx-padding: " + b"a" * LARGE_HEAD_BYTES
    while True:
        with stranger(address) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(head)
            reply = sender.Replies(connection).next()
            assert reply is None or reply[0] in (400, 431), reply
        yield 1


def garbage(address: sender.Address) -> Iterator[int | bool]:
    """Bytes that are no HTTP, many requests' worth at once, at times behind a request that is."""
    noise = (b"\x00\xff{]\r\n\r\n" + b"GET nonsense\r\n\r\n") * 500
    honest = b"GET /healthz HTTP/1.1\r\nhost: test\r\n\r\n"
    for number in range(sys.maxsize):
        first = honest if number % 2 else b""
        with stranger(address) as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(first + noise)
            statuses = sender.Replies(connection).all()
            assert statuses in ([], [400], [200], [200, 400]), statuses
        yield 1


def forgeries(address: sender.Address) -> Iterator[int | bool]:
    """Well-formed callbacks signed with a guessed secret."""
    bodies = [sender.report(f"forged-{number}") for number in range(10)]
    batch = b"".join(sender.request(body, sender.signed(body, "guessed")) for body in bodies)
    with stranger(address) as connection:
        replies = sender.Replies(connection)
        while True:
            connection.sendall(batch)
            for _ in bodies:
                reply = replies.next()
                assert reply is not None and reply[0] == 401, reply
            yield len(bodies)


ATTACKS = {
    attack.__name__: attack
    for attack in (idle, slow, half_heads, stalled, large_bodies, large_heads, garbage, forgeries)
}


def main() -> None:
    name, host, port = sys.argv[1:]
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    acts, begun = 0, None
    for done in ATTACKS[name]((host, int(port))):
        if done is False:
            continue
        if begun is None:
            begun = time.monotonic()
            print("ready", flush=True)
        acts += done
        ahead_s = begun + acts / PACE[name] - time.monotonic() if name in PACE else 0
        if select.select([sys.stdin], [], [], max(0, ahead_s))[0]:
            break
    print(acts, flush=True)


if __name__ == "__main__":
    main()
