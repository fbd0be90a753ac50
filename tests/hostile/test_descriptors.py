"""The process runs out of file descriptors while strangers hold connections."""

import resource
import time

import sender
from conftest import Serve
from receiver import Receiver

STRANGERS = 100
# How long strangers keep asking, in seconds.
LASTS_S = 3


def said(receiver: Receiver) -> list[str]:
    """The lines that tell of it."""
    return [line for line in receiver.log.read_text().splitlines() if "no connection can be taken" in line]


def test_without_descriptors_a_line_a_second_says_so_and_callbacks_are_accepted_again(serve: Serve) -> None:
    receiver = serve()
    pid = receiver.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (receiver.descriptors() + 4, before[1]))
    began = time.monotonic()
    strangers = []
    while time.monotonic() - began < LASTS_S:
        strangers += [sender.connect(receiver.address, timeout=1) for _ in range(STRANGERS // 10)]
        while len(strangers) > STRANGERS:
            strangers.pop(0).close()
        # A genuine callback meanwhile gets an answer or none. It never gets a 4xx, which is final.
        with sender.connect(receiver.address) as connection:
            connection.sendall(sender.callback(f"meanwhile-{len(strangers)}"))
            meanwhile = sender.Replies(connection).next()
        assert meanwhile is None or meanwhile[0] in {200, 503}, meanwhile
    lasted_s = time.monotonic() - began
    assert 1 <= len(said(receiver)) <= lasted_s + 2, said(receiver)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    for stranger in strangers:
        stranger.close()
    reply = sender.exchange(receiver.address, sender.callback("afterwards"))
    assert (reply[0], b"accepted" in reply[1]) == (200, True), reply
    assert receiver.stop() == 0
