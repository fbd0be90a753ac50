"""What each runner writes about tests that pass, fail, are skipped and die, and what is counted of it.

The outputs are the runners' own, shortened.
"""

import pytest
import results

LIBTEST = """\
{ "type": "suite", "event": "started", "test_count": 3 }
{ "type": "test", "event": "started", "name": "good" }
what a test prints
{ "type": "test", "name": "good", "event": "ok", "exec_time": 0.1 }
{ "type": "test", "event": "started", "name": "left" }
{ "type": "test", "name": "left", "event": "ignored", "message": "slow" }
{ "type": "test", "event": "started", "name": "bad" }
{ "type": "test", "name": "bad", "event": "failed", "stdout": "left: 2, right: 3" }
{ "type": "suite", "event": "failed", "passed": 1, "failed": 1, "ignored": 1, "measured": 0, "filtered_out": 0 }
{ "type": "report", "total_time": 0.7, "compilation_time": 0.4 }
"""
LIBTEST_DIES = """\
{ "type": "suite", "event": "started", "test_count": 2 }
{ "type": "test", "event": "started", "name": "good" }
{ "type": "test", "name": "good", "event": "ok" }
{ "type": "test", "event": "started", "name": "aborts" }
"""
TAP = """\
TAP version 13
# hello
# ok 1 - what a test prints
# Subtest: top
ok 1 - top
  ---
  duration_ms: 1.5
  ...
# Subtest: parent
    # Subtest: child
    not ok 1 - child
      ---
      failureType: 'testCodeFailure'
      error: '1 == 2'
      ...
    1..1
not ok 2 - parent
  ---
  failureType: 'subtestsFailed'
  ...
# Subtest: suite
    # Subtest: in
    ok 1 - in
      ---
      duration_ms: 5.7
      ...
    # Subtest: left out
    ok 2 - left out # SKIP
      ---
      duration_ms: 0.1
      ...
    # Subtest: to come
    not ok 3 - to come # TODO
      ---
      failureType: 'testCodeFailure'
      ...
    1..3
ok 3 - suite
  ---
  type: 'suite'
  ...
# Subtest: name \\# SKIP
ok 4 - name \\# SKIP
  ---
  duration_ms: 0.1
  ...
1..4
# tests 7
"""
TAP_HOOK_FAILS = """\
TAP version 13
# Subtest: suite
not ok 1 - suite
  ---
  type: 'suite'
  failureType: 'hookFailed'
  ...
1..1
"""
JUNIT = """<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4">
<testcase classname="test_a" name="test_good" time="0.1" />
<testcase classname="test_a" name="test_bad"><failure message="no">assert 1 == 2</failure></testcase>
<testcase classname="test_a" name="test_left"><skipped type="pytest.skip" message="no nginx" /></testcase>
<testcase classname="test_a" name="test_setup"><error message="failed on setup">E</error></testcase>
</testsuite></testsuites>"""


def counted(form: str, text: str) -> tuple[results.Counts, str]:
    said: list[str] = []
    read = {"libtest": results.libtest, "tap": results.tap}[form]
    return read(text.splitlines(), said.append), "\n".join(said)


def test_libtest() -> None:
    counts, said = counted("libtest", LIBTEST)
    assert counts == results.Counts(passed=1, failed=1, skipped=1)
    assert "what a test prints" in said
    assert "left: 2, right: 3" in said
    assert "skipped: left" in said


@pytest.mark.parametrize("rest", ["", LIBTEST])
def test_an_executable_that_dies_has_failed_whatever_runs_behind_it(rest: str) -> None:
    alone, _ = counted("libtest", rest)
    counts, said = counted("libtest", LIBTEST_DIES + rest)
    assert counts == results.Counts(1 + alone.passed, 1 + alone.failed, alone.skipped)
    assert "broke off in aborts" in said


def test_a_run_that_builds_nothing_counts_nothing() -> None:
    counts, said = counted("libtest", "error[E0425]: cannot find value\n")
    assert counts == results.Counts()
    assert "E0425" in said


def test_tap() -> None:
    counts, said = counted("tap", TAP)
    assert counts == results.Counts(passed=3, failed=1, skipped=2)
    assert "error: '1 == 2'" in said


def test_tap_of_what_passes_is_names_alone() -> None:
    counts, said = counted("tap", "TAP version 13\nok 1 - top\n  ---\n  duration_ms: 1\n  ...\n1..1\n")
    assert counts == results.Counts(passed=1)
    assert said == "ok 1 - top"


def test_a_suite_whose_hook_fails_has_failed() -> None:
    assert counted("tap", TAP_HOOK_FAILS)[0] == results.Counts(failed=1)


def test_a_run_of_nodes_that_breaks_off_has_failed() -> None:
    counts, said = counted("tap", "TAP version 13\nok 1 - top\n")
    assert counts == results.Counts(passed=1, failed=1)
    assert "broke off" in said


def test_junit() -> None:
    said: list[str] = []
    assert results.junit(JUNIT, said.append) == results.Counts(passed=1, failed=2, skipped=1)
    assert said == ["skipped: test_a.test_left: no nginx"]
