"""Of the examples in sources those are counted that are run."""

from examples import fences, is_run


def test_a_fence_of_documentation_is_counted_once_and_others_are_not() -> None:
    text = """\
//! ```
//! let of_the_module = 1;
//! ```

/// ```text
/// a form
/// ```
///
/// ```rust,should_panic
/// panic!();
/// ```
fn documented() {
    // ```
    // no documentation
    // ```
}

/// ```no_run
/// compiled_alone();
/// ```
fn more() {}
"""
    assert [is_run(info) for info in fences(text)] == [True, False, True, False]
