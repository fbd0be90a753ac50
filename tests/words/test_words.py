"""The check sees each word it names, in text and in names, and leaves their neighbors alone."""

import pytest

import check


def found(text: str, path: str = "core/src/some.rs") -> list[str]:
    return [line for word in check.words() for line in word.complaints(path, text)]


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


@pytest.mark.parametrize(
    "text",
    [
        "Genuine callbacks of Voice are taken.",
        "A sender that is told 4xx gives up.",
        "It doesn't retry.",
        "That\u2019s all.",
        "Cold: from process start to the\nfirst answer.",
        "How it is spelt.",
        "Of course it works.",
        "# When does Sinch come again?",
        "```console\n$ sinch-callback serve --asks-for x\n```",
    ],
)
def test_wrong_prose_is_found_in_a_document_however_long(text: str) -> None:
    page = (check.ROOT / "docs/src/tutorial.md").read_text()
    assert found(page, "docs/src/tutorial.md") == []
    planted = f"{page}\n{text}\n{page}"
    (line,) = found(planted, "docs/src/tutorial.md")
    first = page.count("\n") + 2
    assert line.startswith(tuple(f"docs/src/tutorial.md:{number}: " for number in range(first, first + 3)))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("// It doesn't retry.", "core/src/some.rs"),
        ('```js\nconsole.log("it doesn\'t");\n```', "docs/src/tutorial.md"),
        ("Write `don't` and ``it's``.", "docs/src/tutorial.md"),
        ("Sinch's callbacks are accepted, and somebody is told.", "docs/src/tutorial.md"),
    ],
)
def test_what_is_wrong_in_prose_alone_is_left_alone_elsewhere(text: str, path: str) -> None:
    assert found(text, path) == []


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
            texts = {path: (check.ROOT / path).read_text() for path in files}
            assert any([*unexcepted.complaints(path, text)] for path, text in texts.items()), glob
