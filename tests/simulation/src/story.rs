use core::fmt;

use crate::schedule::{Millis, SECOND};

/// What happened in a world, line by line, for a person who has to understand a violation.
#[derive(Clone, Debug, Default)]
pub struct Story {
    lines: Vec<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    at: Millis,
    /// The callback that it is about, if it is about one.
    callback: Option<usize>,
    text: String,
}

impl Story {
    pub(crate) fn tell(&mut self, at: Millis, callback: Option<usize>, text: String) {
        self.lines.push(Line { at, callback, text });
    }

    /// The lines about one callback, and those about the world.
    #[must_use]
    pub fn about(&self, callback: Option<usize>) -> Self {
        let about = |line: &&Line| {
            line.callback.is_none() || callback.is_none() || line.callback == callback
        };
        Self {
            lines: self.lines.iter().filter(about).cloned().collect(),
        }
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.lines.first().map_or(0, |line| line.at);
        for line in &self.lines {
            let ms = line.at.saturating_sub(first);
            let seconds = ms / SECOND;
            let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
            let (minutes, seconds, ms) = (seconds / 60 % 60, seconds % 60, ms % SECOND);
            write!(
                f,
                "day {days} {hours:02}:{minutes:02}:{seconds:02}.{ms:03}  "
            )?;
            match line.callback {
                Some(callback) => writeln!(f, "#{callback:<4} {}", line.text)?,
                None => writeln!(f, "      {}", line.text)?,
            }
        }
        Ok(())
    }
}
