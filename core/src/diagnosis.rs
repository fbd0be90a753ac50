/// Why a signature does not match.
#[derive(Debug)]
pub enum Diagnosis {}

/// Names the likely cause.
#[must_use]
pub fn diagnose() -> Option<Diagnosis> {
    None
}
