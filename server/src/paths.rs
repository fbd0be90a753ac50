use core::{fmt, str::FromStr};

/// Where callbacks go; `/callbacks` by default.
#[derive(Clone, Debug)]
pub struct CallbackPaths(Vec<CallbackPath>);

/// A path that callbacks go to, with a slash at its end or without, which means the same.
///
/// It is parsed from the path of a request: visible ASCII that begins with a slash, without a query.
///
/// # Examples
/// ```
/// use sinch_callback_server::CallbackPath;
///
/// let path: CallbackPath = "/callbacks/".parse()?;
/// assert_eq!(path, "/callbacks".parse()?);
/// assert!("/callbacks?token=1".parse::<CallbackPath>().is_err());
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallbackPath(String);

/// What their listener answers besides.
const HEALTH: &str = "/healthz";

impl FromStr for CallbackPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.starts_with('/') {
            return Err("a path begins with a slash, as in /callbacks".into());
        }
        if text.contains(['?', '#']) {
            return Err("a path ends before the query: leave out what begins with ? or #".into());
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("a path is visible ASCII, as the request has it: /caf%C3%A9".into());
        }
        let path = without_slash(text);
        if path == HEALTH {
            return Err(format!(
                "{HEALTH} tells that the receiver runs: choose another path"
            ));
        }
        Ok(Self(path.to_owned()))
    }
}

/// A path that was entered with a slash behind it means the same.
fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').unwrap_or(path)
}

impl Default for CallbackPaths {
    fn default() -> Self {
        Self(vec![CallbackPath(Self::DEFAULT.into())])
    }
}

impl CallbackPaths {
    /// Where callbacks go unless set otherwise.
    pub const DEFAULT: &str = "/callbacks";

    /// These paths.
    #[must_use]
    pub const fn new(paths: Vec<CallbackPath>) -> Self {
        Self(paths)
    }

    /// Each of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &CallbackPath> {
        self.0.iter()
    }

    /// Whether callbacks go to this path of a request, with one slash at its end or without.
    pub(crate) fn include(&self, path: &str) -> bool {
        self.0.iter().any(|ours| ours.0 == without_slash(path))
    }
}

impl fmt::Display for CallbackPaths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, CallbackPath(path)) in self.0.iter().enumerate() {
            let between = if index == 0 { "" } else { " or " };
            let path = if path.is_empty() { "/" } else { path };
            write!(f, "{between}{path}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(texts: &[&str]) -> CallbackPaths {
        CallbackPaths::new(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[test]
    fn one_slash_at_the_end_is_the_same_path_and_two_are_another() {
        let paths = paths(&["/callbacks", "/sinch/sms/"]);
        for path in ["/callbacks", "/callbacks/", "/sinch/sms", "/sinch/sms/"] {
            assert!(paths.include(path), "{path}");
        }
        for path in [
            "/callbacks//",
            "//callbacks",
            "/Callbacks",
            "/callbacks/x",
            "/callback",
            "/sinch",
            "/",
            "",
        ] {
            assert!(!paths.include(path), "{path}");
        }
        assert_eq!(paths.to_string(), "/callbacks or /sinch/sms");
    }

    #[test]
    fn the_root_may_be_a_path() {
        let root = paths(&["/"]);
        assert!(root.include("/") && !root.include("//") && !root.include("/callbacks"));
        assert_eq!(root.to_string(), "/");
    }

    #[test]
    fn what_no_request_can_have_as_its_path_is_refused_with_the_cause() {
        for (text, cause) in [
            ("callbacks", "begins with a slash"),
            ("", "begins with a slash"),
            ("/a?b", "before the query"),
            ("/a#b", "before the query"),
            ("/a b", "visible ASCII"),
            ("/caf\u{e9}", "visible ASCII"),
            ("/healthz", "choose another"),
            ("/healthz/", "choose another"),
        ] {
            let error = text.parse::<CallbackPath>().unwrap_err();
            assert!(error.contains(cause), "{text}: {error}");
        }
    }
}
