"""Kill -9 at random moments under load: what was acknowledged is stored, and applied once.

A killed process leaves to the system what it has written; that a power cut would not is not played
here, but is why the store waits for the disk."""

import collections
import json
import os
import random
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import sender
from conftest import Serve
from figures import figure
from receiver import Store, killed_while_starting

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "200"))
SENDERS = 4
STATUSES = ("QUEUED_ON_CHANNEL", "DELIVERED", "READ")
RANK = {"queued": 1, "delivered": 2, "read": 3}
STATE = dict(zip(STATUSES, RANK, strict=True))
# Of the rounds, so many begin with a receiver that is killed before anybody can send.
STARTS_KILLED = 0.1


class Sinch:
    """One of Sinch's senders: sends until the receiver dies, and later again what was not
    acknowledged, and now and then what was."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.random = random.Random(seed)
        self.acknowledged: dict[bytes, bytes] = {}
        self.unanswered: list[tuple[bytes, bytes]] = []
        self.messages = 0
        self.sent_again = 0
        self.failure: BaseException | None = None

    def _next(self) -> tuple[bytes, bytes]:
        """A body, and its request."""
        if self.unanswered:
            self.sent_again += 1
            body, request = self.unanswered.pop()
            # As it was, or signed afresh: nobody knows which of them Sinch does.
            return body, request if self.random.random() < 0.5 else sender.request(body, sender.signed(body))
        if self.acknowledged and self.random.random() < 0.05:
            self.sent_again += 1
            body = self.random.choice(list(self.acknowledged)[-50:])
            return body, self.acknowledged[body]
        self.messages += 1
        # In no order: what comes late must not move a message back.
        body = sender.report(f"{self.name}-{self.messages // 3}", self.random.choice(STATUSES), number=self.messages)
        return body, sender.request(body, sender.signed(body))

    def send_until_killed(self, address: sender.Address) -> None:
        try:
            self._send(address)
        except BaseException as error:  # noqa: BLE001 - told where the round ends
            self.failure = error

    def _send(self, address: sender.Address) -> None:
        try:
            connection = sender.connect(address)
        except ConnectionError:
            return
        with connection:
            replies = sender.Replies(connection)
            while True:
                body, request = self._next()
                try:
                    connection.sendall(request)
                    reply = replies.next()
                except ConnectionError:
                    reply = None
                if reply is None:
                    if body not in self.acknowledged:
                        self.unanswered.append((body, request))
                    return
                assert reply[0] == 200, reply
                self.acknowledged[body] = request


def expected_states(bodies: Iterable[bytes]) -> dict[str, str]:
    """By message: the furthest that any of its reports says."""
    states: dict[str, str] = {}
    for body in bodies:
        report = json.loads(body)["message_delivery_report"]
        message, state = report["message_id"], STATE[report["status"]]
        states[message] = max(states.get(message, state), state, key=RANK.__getitem__)
    return states


def test_what_was_acknowledged_before_kill_9_is_stored_and_applied_once(serve: Serve, tmp_path: Path) -> None:
    seed = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
    print(f"CRASH_SEED={seed}")
    moments = random.Random(seed)
    senders = [Sinch(f"m{number}", seed + number) for number in range(SENDERS)]
    for _ in range(ROUNDS):
        if moments.random() < STARTS_KILLED:
            killed_while_starting(tmp_path, moments.uniform(0, 0.05))
        receiver = serve()
        threads = [threading.Thread(target=one.send_until_killed, args=(receiver.address,)) for one in senders]
        for thread in threads:
            thread.start()
        # The moment of the kill is the experiment; nothing is waited for here.
        time.sleep(moments.uniform(0, 0.15))
        receiver.kill()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()
        failures = [one.failure for one in senders if one.failure]
        assert not failures, failures
    receiver = serve()
    sender.settled(receiver.admin)
    assert receiver.stop() == 0

    acknowledged = {body for one in senders for body in one.acknowledged}
    unanswered = {body for one in senders for body, _ in one.unanswered}
    assert len(acknowledged) > ROUNDS, "too little load to show anything"
    assert all(one.sent_again > 0 for one in senders)
    with Store(receiver.data) as store:
        stored = store.bodies()
        lost = acknowledged - stored.keys()
        kept = store.rows("SELECT lower(hex(content_key)) FROM bodies")
        entries = store.entries()
        applied = collections.Counter(entry["key"] for _, entry in entries)
        doubled = [key for key, times in applied.items() if times > 1]
        idle = [key for (key,) in kept if applied[key] == 0]
        assert store.one("SELECT count(*) FROM queue") == 0
        states = dict(store.rows("SELECT message_id, state FROM messages"))
        moves = [
            (message, report["step"])
            for message, entry in entries
            for report in entry["reports"]
            if report["step"] in RANK
        ]
    figure("crash_rounds", ROUNDS)
    figure("crash_acknowledged", len(acknowledged))
    figure("crash_lost", len(lost))
    figure("crash_doubled", len(doubled))
    assert not lost, f"{len(lost)} acknowledged, and not stored"
    assert stored.keys() - acknowledged - unanswered == set(), "stored, and never sent"
    # Each callback has one report, and so one entry in its message's log.
    assert not doubled, f"{len(doubled)} applied more than once"
    assert not idle, f"{len(idle)} stored, and not applied"
    assert len(entries) == len(kept) == len(stored), "applied, and not stored"
    assert states == expected_states(stored)
    furthest: dict[str, int] = {}
    for message, leg in moves:
        assert RANK[leg] > furthest.get(message, 0), "a leg moved back, or twice to one place"
        furthest[message] = RANK[leg]
    assert furthest
