use core::{fmt, str::FromStr, time::Duration};

use sinch_callback::Window;

/// The greatest age of a callback, as `--max-age` takes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MaxAge(Duration);

impl MaxAge {
    /// As far back as this window goes.
    pub(crate) const fn of(window: &Window) -> Self {
        Self(window.max_age)
    }

    pub(crate) const fn get(self) -> Duration {
        self.0
    }
}

impl fmt::Display for MaxAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Window::UNLIMITED => f.write_str("unlimited"),
            age => age.as_secs().fmt(f),
        }
    }
}

impl FromStr for MaxAge {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "unlimited" {
            return Ok(Self(Window::UNLIMITED));
        }
        text.parse()
            .map(|seconds| Self(Duration::from_secs(seconds)))
            .map_err(|_| "expected a number of seconds, or \"unlimited\"".into())
    }
}
