"""Kill -9 at random moments under load: what was acknowledged is stored, and applied once."""

import os
import random
import threading
import time

import sender
from figures import figure
from receiver import Store

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "200"))
SENDERS = 4
STATUSES = ("QUEUED_ON_CHANNEL", "DELIVERED", "READ")


class Sinch:
    """One of Sinch's senders: sends until the receiver dies, and later again what was not
    acknowledged, and now and then what was."""

    def __init__(self, name: str, seed: int):
        self.name = name
        self.random = random.Random(seed)
        self.acknowledged: dict[bytes, bytes] = {}
        self.unanswered: list[tuple[bytes, bytes]] = []
        self.messages = 0
        self.failure: BaseException | None = None

    def _next(self) -> tuple[bytes, bytes]:
        """A body, and its request."""
        if self.unanswered:
            body, request = self.unanswered.pop()
            # As it was, or signed afresh: nobody knows which of them Sinch does.
            return body, request if self.random.random() < 0.5 else sender.request(body, sender.signed(body))
        if self.acknowledged and self.random.random() < 0.05:
            body = self.random.choice(list(self.acknowledged)[-50:])
            return body, self.acknowledged[body]
        self.messages += 1
        body = sender.report(f"{self.name}-{self.messages // 3}", STATUSES[self.messages % 3], number=self.messages)
        return body, sender.request(body, sender.signed(body))

    def send_until_killed(self, address) -> None:
        try:
            self._send(address)
        except BaseException as error:  # noqa: BLE001 - told where the round ends
            self.failure = error

    def _send(self, address) -> None:
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


def test_what_was_acknowledged_before_kill_9_is_stored_and_applied_once(serve):
    seed = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
    print(f"CRASH_SEED={seed}")
    moments = random.Random(seed)
    senders = [Sinch(f"m{number}", seed + number) for number in range(SENDERS)]
    for _ in range(ROUNDS):
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
    sender.settled(receiver.address)
    assert receiver.stop() == 0

    acknowledged = {body for one in senders for body in one.acknowledged}
    open_ended = {body for one in senders for body, _ in one.unanswered}
    assert len(acknowledged) > ROUNDS, "too little load to show anything"
    with Store(receiver.data) as store:
        stored = store.bodies()
        assert acknowledged - stored.keys() == set(), "acknowledged, and not stored"
        assert stored.keys() - acknowledged - open_ended == set(), "stored, and never sent"
        assert store.one("SELECT count(*) FROM queue") == 0
        # Each callback has one report, and so one entry in its message's log.
        assert store.one("SELECT count(*) FROM log") == len(stored)
        moves = store.rows(
            "SELECT message, channel, count(DISTINCT leg), count(leg) FROM log WHERE step = 'moved' GROUP BY 1, 2"
        )
        assert moves and all(distinct == steps for _, _, distinct, steps in moves), "a leg moved twice to one place"
        rank = {"queued": 1, "delivered": 2, "read": 3}
        last: dict = {}
        for message, leg in store.rows("SELECT message, leg FROM log WHERE step = 'moved' ORDER BY callback"):
            assert rank[leg] > last.get(message, 0), "a leg moved back"
            last[message] = rank[leg]
    figure("crash_rounds", ROUNDS)
    figure("crash_acknowledged", len(acknowledged))
    figure("crash_lost_or_doubled", 0)
