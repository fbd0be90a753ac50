"""The check sees each word it names, in text and in names, and leaves their neighbors alone."""

import pytest

import check


def found(text: str, path: str = "core/src/some.rs") -> list[str]:
    return [line for word in check.words() for line in word.complaints(path, check.separated(text))]


@pytest.mark.parametrize(
    "text",
    [
        "// 503: the sender comes again.",
        "    /// A sender that is told 4xx does not come\n    /// again.",
        "async fn asked_to_come_again() {}",
        "const comesAgain = true;",
        "# The log is folded into the database.",
        "remedy: asks_for",
        "struct RereadLimit;",
        "enum Kind { Unrecognised }",
        '"code": "body_reserialised"',
        "fn estimate() -> Reckoned;",
        "scripts build artefacts",
    ],
)
def test_a_word_that_was_left_behind_is_found(text: str) -> None:
    assert len(found(text)) == 1, found(text)


@pytest.mark.parametrize(
    "text",
    [
        "values.fold(0, Add::add)",
        "The guard comes. Again it is full.",
        "a reason that asks for nothing",
        "enum Kind { Unrecognized }",
        "threefolds",
        "// Sinch retries it.",
    ],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_the_line_is_that_of_the_word() -> None:
    (line,) = found("one\ntwo\nit comes again\n")
    assert line.startswith("core/src/some.rs:3: 'comes again'")


def test_a_store_of_an_older_version_may_say_what_it_says() -> None:
    assert found("RENAME COLUMN asks_for TO remedy", "server/src/store/schema.rs") == []
    assert len(found("asks_for", "server/src/store/queries.rs")) == 1


def test_every_exception_hides_something() -> None:
    for word in check.words():
        unexcepted = check.dataclasses.replace(word, excepted=())
        for glob in word.excepted:
            files = [path for path in check.files() if check.fnmatch.fnmatch(path, glob)]
            texts = {path: check.separated((check.ROOT / path).read_text()) for path in files}
            assert any([*unexcepted.complaints(path, text)] for path, text in texts.items()), glob
