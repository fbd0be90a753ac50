use core::{fmt, str::FromStr};

use sinch_callback::Window;

/// The greatest age of a callback, as `--max-age` takes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MaxAge(u64);

impl MaxAge {
    pub(crate) const fn secs(self) -> u64 {
        self.0
    }
}

impl fmt::Display for MaxAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Window::UNLIMITED => f.write_str("unlimited"),
            seconds => seconds.fmt(f),
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
            .map(Self)
            .map_err(|_| "expected a number of seconds, or \"unlimited\"".into())
    }
}
