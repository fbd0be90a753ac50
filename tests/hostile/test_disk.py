"""A disk that fills up under load, and is made larger.

Where no file system may be mounted this is skipped; a limit on the size of files stands in for a
full disk in the tests of `serve`."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import sender
from conftest import Serve
from figures import figure
from receiver import Store

# Callbacks that are refused before anybody makes room.
REFUSALS = 50


@pytest.fixture
def small_disk(tmp_path: Path, serve: Serve) -> Iterator[tuple[Path, Callable[[], object]]]:
    """A file system of two megabytes, and what makes it larger. Unmounted behind the receivers' end."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount: list[str | Path] = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no file system may be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder, lambda: subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
    finally:
        for receiver in serve.running:
            receiver.kill()
        subprocess.run(["umount", folder], check=True)


def fill(address: sender.Address) -> tuple[list[bytes], list[tuple[bytes, bytes]]]:
    """Sends until the disk is full and a while longer: what was acknowledged, and what was refused."""
    acknowledged, refused = [], []
    with sender.connect(address) as connection:
        replies = sender.Replies(connection)
        for number in range(20_000):
            body = sender.report(f"full-{number}", filler="x" * 2_000)
            request = sender.request(body, sender.signed(body))
            connection.sendall(request)
            status, answer = replies.answer()
            if status == 200:
                acknowledged.append(body)
                continue
            assert (status, b"handoff_unavailable" in answer) == (503, True), (status, answer)
            refused.append((body, request))
            if len(refused) == REFUSALS:
                break
    return acknowledged, refused


def test_a_full_disk_is_503_loses_nothing_and_is_got_over(
    serve: Serve, small_disk: tuple[Path, Callable[[], object]]
) -> None:
    folder, enlarge = small_disk
    receiver = serve(data=folder / "data")
    acknowledged, refused = fill(receiver.address)
    assert acknowledged and len(refused) == REFUSALS, "the disk never was full"
    # It lives, says so, and refuses strangers as ever.
    assert sender.get(receiver.address, "/healthz")[0] == 200
    assert sender.get(receiver.admin, "/readyz")[0] == 503
    body = sender.report("forged")
    status, answer = sender.exchange(receiver.address, sender.request(body, sender.signed(body, "guessed")))
    assert (status, b"signature_mismatch" in answer) == (401, True), answer
    enlarge()
    # Sinch retries each of them, as it was: none is taken for a replay of itself.
    deadline = time.monotonic() + 30
    for _, request in refused:
        while (reply := sender.exchange(receiver.address, request))[0] == 503:
            assert time.monotonic() < deadline, "it does not get over it"
            time.sleep(0.01)
        assert (reply[0], b"accepted" in reply[1]) == (200, True), reply
    assert sender.get(receiver.admin, "/readyz")[0] == 200
    counts = sender.settled(receiver.admin, 60)
    assert receiver.stop() == 0
    with Store(receiver.data) as store:
        stored = store.bodies()
        assert len(store.entries()) == len(stored)
    sent = {*acknowledged, *(body for body, _ in refused)}
    figure("full_disk_refused", len(refused))
    figure("full_disk_lost", len(sent - stored.keys()))
    assert stored.keys() == sent
    assert counts["messages"] == len(sent)
