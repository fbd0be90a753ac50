//! The tables of safeguards that documents hold, between two marks.

use std::{fmt::Write as _, fs, path::Path};

/// A table of safeguards: what each is, where it stands, and what breaks without it.
#[derive(Debug)]
pub struct Table {
    name: &'static str,
    text: String,
}

impl Table {
    /// A table that stands between marks of this name.
    pub fn new<'a>(name: &'static str, rows: impl Iterator<Item = [&'a str; 3]>) -> Self {
        let mut text =
            String::from("| safeguard | stands in | without it breaks: |\n|---|---|---|\n");
        for [says, stands_in, breaks] in rows {
            // Writing into a text cannot fail.
            let _ = writeln!(text, "| {says} | {stands_in} | {breaks} |");
        }
        Self { name, text }
    }

    /// Puts the table into a file.
    ///
    /// # Errors
    /// Where the file cannot be read or written, or has no marks.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        let text = self.within(path)?;
        fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Whether the file has this very table, which is said where it has not.
    ///
    /// # Errors
    /// Where the file cannot be read, or has no marks.
    pub fn is_in(&self, path: &Path) -> Result<bool, String> {
        let is_current = self.within(path)? == read(path)?;
        if !is_current {
            println!(
                "the table in {} is another one; --write makes it this one",
                path.display()
            );
        }
        Ok(is_current)
    }

    /// The file's text with the table between its marks.
    fn within(&self, path: &Path) -> Result<String, String> {
        let text = read(path)?;
        let start = format!("<!-- {} -->", self.name);
        let end = format!("<!-- end of {} -->", self.name);
        let missing = |mark: &str| format!("{} has no line {mark}", path.display());
        let (before, rest) = text.split_once(&start).ok_or_else(|| missing(&start))?;
        let (_, after) = rest.split_once(&end).ok_or_else(|| missing(&end))?;
        Ok(format!("{before}{start}\n{}{end}{after}", self.text))
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
