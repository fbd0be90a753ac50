"""A secret's file is overwritten under load, and no genuine callback is refused for it."""

import collections
import json

import sender
from conftest import Serve
from figures import figure

ROUNDS = 10
# How many callbacks end at the same moment, and how large they are.
BURSTS = ((8, 300), (32, 300), (16, 60_000))


def burst(serve: Serve, number: int, count: int, size: int) -> collections.Counter:
    """What callbacks are answered that end together, just behind the change to a new secret."""
    receiver = serve()
    new = f"made-up-secret-after-change-{number}"
    (receiver.folder / "secret.txt").write_text(new)
    waiting = []
    for each in range(count):
        body = sender.report(f"rotated-{number}-{each}", padding="x" * size)
        whole = sender.request(body, sender.signed(body, new))
        connection = sender.connect(receiver.address)
        connection.sendall(whole[:-1])
        waiting.append((connection, whole[-1:]))
    for connection, last in waiting:
        connection.sendall(last)
    answers: collections.Counter = collections.Counter()
    for connection, _ in waiting:
        with connection:
            status, answer = sender.Replies(connection).answer()
            answers[status, json.loads(answer)["code"]] += 1
    receiver.kill()
    return answers


def test_a_rotation_under_load_loses_no_callback(serve: Serve) -> None:
    answers: collections.Counter = collections.Counter()
    for number in range(ROUNDS):
        for count, size in BURSTS:
            answers += burst(serve, number, count, size)
    # A 5xx is retried; of what is refused by 4xx nothing is retried.
    lost = sum(times for (status, _), times in answers.items() if 400 <= status < 500)
    figure("rotation_losses", lost)
    assert lost == 0, answers
    assert answers[200, "accepted"] > 0
