"""Requirements of Python name one exact version each."""

import pytest

import python_pins


@pytest.mark.parametrize(
    "line",
    [
        "boto3",
        "boto3>=1.44",
        "boto3==1.*",
        "boto3~=1.44",
        "./boto3",
        "-e .",
        "boto3 @ https://a.invalid/b.whl",
        "--index-url https://a.invalid/simple",
        "boto3==1.44.5 --hash=md5:0123",
    ],
)
def test_a_line_that_leaves_the_version_open_is_found(line: str) -> None:
    text = f"# A comment.\nsix==1.17.0\n{line}\n"
    assert list(python_pins.complaints(text)) == [f"not pinned to one version: {line}"]


def test_a_version_with_or_without_hashes_passes() -> None:
    text = f"six==1.17.0\nboto3==1.44.5 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{'1' * 64}\n"
    assert list(python_pins.complaints(text)) == []
    assert python_pins.names(text) == {"six", "boto3"}
