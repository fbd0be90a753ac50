"""Somebody else holds the store's lock for longer than the receiver waits for it."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sender
from conftest import Serve
from receiver import Store

CALLBACKS = 60


@contextlib.contextmanager
def held(data: Path) -> Iterator[None]:
    """The store's write lock, held by another program, as a backup tool or an analyst's shell holds it."""
    connection = sqlite3.connect(data / "deliveries.sqlite3", isolation_level=None, timeout=30)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def test_a_lock_that_somebody_holds_is_503_sets_nothing_aside_and_loses_nothing(serve: Serve) -> None:
    receiver = serve()
    sent, refused = [], []
    with sender.connect(receiver.address, timeout=60) as connection:
        replies = sender.Replies(connection)
        for number in range(CALLBACKS):
            body = sender.report(f"before-{number}")
            connection.sendall(sender.request(body, sender.signed(body)))
            assert replies.answer()[0] == 200
            sent.append(body)
        with held(receiver.data):
            body = sender.report("meanwhile")
            request = sender.request(body, sender.signed(body))
            connection.sendall(request)
            status, answer = replies.answer()
            assert (status, b"handoff_unavailable" in answer) == (503, True), (status, answer)
            refused.append(request)
            sent.append(body)
        # Sinch retries it as it was.
        for request in refused:
            connection.sendall(request)
            status, answer = replies.answer()
            assert (status, b"accepted" in answer) == (200, True), (status, answer)
    counts = sender.settled(receiver.admin, 60)
    assert counts["messages"] == len(sent)
    assert sender.metric(receiver.admin, "sinch_callback_set_aside") == 0
    assert receiver.stop() == 0
    with Store(receiver.data) as store:
        assert store.bodies().keys() == set(sent)
