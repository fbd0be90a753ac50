"""A disk that fills up under load, and is made larger."""

import subprocess
import time

import pytest

import sender
from figures import figure
from receiver import Store


def test_a_full_disk_is_503_loses_nothing_and_is_got_over(serve, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs may be mounted here: {mounted.stderr.strip()}")
    try:
        receiver = serve(data=folder / "data")
        acknowledged, refused = [], 0
        with sender.connect(receiver.address) as connection:
            replies = sender.Replies(connection)
            for number in range(20_000):
                body = sender.report(f"full-{number}", filler="x" * 2_000)
                connection.sendall(sender.request(body, sender.signed(body)))
                status, _ = replies.next()
                if status == 200:
                    acknowledged.append(body)
                else:
                    assert status == 503
                    refused += 1
                    if refused > 50:
                        break
        assert acknowledged and refused > 50, "the disk never was full"
        # Nobody was lost while it was full, and nobody died.
        assert receiver.process.poll() is None
        subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
        body = sender.report("after")
        deadline = time.monotonic() + 30
        while sender.exchange(receiver.address, sender.request(body, sender.signed(body)))[0] != 200:
            assert time.monotonic() < deadline, "it does not get over it"
        sender.settled(receiver.address, 60)
        assert receiver.stop() == 0
        with Store(receiver.data) as store:
            stored = store.bodies()
        assert set(acknowledged) - stored.keys() == set()
        assert body in stored
        figure("full_disk_lost", 0)
    finally:
        for _ in range(50):
            if subprocess.run(["umount", folder], capture_output=True).returncode == 0:
                break
            receiver.process.poll() is None and receiver.kill()
