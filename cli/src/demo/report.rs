use serde::Serialize;

use crate::{command_error::CommandError, output};

/// What was done, what came of it, and whether that is what must come of it.
pub(super) struct Report {
    json: bool,
    sections: Vec<Section>,
}

#[derive(Serialize)]
struct Section {
    title: String,
    rows: Vec<Row>,
}

/// One line: something that was done a number of times, and its outcome.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) times: u64,
    pub(super) expected: String,
    pub(super) got: String,
    pub(super) ok: bool,
}

#[derive(Serialize)]
struct Outcome<'a> {
    ok: bool,
    sections: &'a [Section],
}

impl Report {
    pub(super) const fn new(json: bool) -> Self {
        Self {
            json,
            sections: Vec::new(),
        }
    }

    /// Begins a section.
    pub(super) fn section(&mut self, title: &str, columns: [&str; 3]) {
        if !self.json {
            output::line(&format!("\n{title}"));
            let [what, expected, got] = columns;
            print(what, "", expected, got, " ");
        }
        self.sections.push(Section {
            title: title.into(),
            rows: Vec::new(),
        });
    }

    /// Adds a line, and prints it.
    pub(super) fn row(
        &mut self,
        what: impl Into<String>,
        times: u64,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) {
        let (expected, got) = (expected.into(), got.into());
        let row = Row {
            what: what.into(),
            times,
            ok: expected == got,
            expected,
            got,
        };
        if !self.json {
            let mark = if row.ok { "✓" } else { "✗" };
            print(
                &row.what,
                &row.times.to_string(),
                &row.expected,
                &row.got,
                mark,
            );
        }
        if let Some(section) = self.sections.last_mut() {
            section.rows.push(row);
        }
    }

    /// Whether a person reads along.
    pub(super) const fn is_told(&self) -> bool {
        !self.json
    }

    /// The end: whether everything was as it must be.
    pub(super) fn finish(&self) -> Result<(), CommandError> {
        let rows = || self.sections.iter().flat_map(|section| &section.rows);
        let failed = rows().filter(|row| !row.ok).count();
        if self.json {
            output::json(&Outcome {
                ok: failed == 0,
                sections: &self.sections,
            });
        } else {
            let checked = rows().count();
            output::line(&match failed {
                0 => format!("\nAll {checked} outcomes are what they must be."),
                failed => format!("\n{failed} of {checked} outcomes are NOT what they must be."),
            });
        }
        if failed == 0 {
            Ok(())
        } else {
            Err(CommandError::No)
        }
    }
}

fn print(what: &str, times: &str, expected: &str, got: &str, mark: &str) {
    // Texts of equal length need no second column to be read.
    output::line(&format!(
        "  {mark} {what:52} {times:>5}  {expected:28}  {got}"
    ));
}
