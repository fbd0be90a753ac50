use sinch_callback::{
    UnknownName,
    scheme::{AnyScheme, InvalidScheme, SchemeName},
};

/// Where the callbacks of one scheme come: a path of this host, and the path that Sinch calls.
///
/// # Examples
/// ```
/// use sinch_callback_pipeline::Endpoint;
///
/// // A gateway takes `/hooks` off.
/// let numbers = Endpoint::new("/numbers", Some("/hooks/numbers"), Some("numbers"), None)?;
/// assert_eq!(numbers.target("a=1"), "/hooks/numbers?a=1");
/// let error = Endpoint::new("/voice", None, Some("application"), None).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "/voice: callbacks of the scheme application name a key: give its id",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    path: String,
    public_path: String,
    scheme: AnyScheme,
}

/// Why what a setting says is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// A path is none.
    #[error("{0:?} is no path: it begins with / and has no query, fragment or white space")]
    Path(String),
    /// There is no such scheme.
    #[error("{path}: the scheme {found:?} is unknown: {source}")]
    Scheme {
        /// The endpoint's path.
        path: String,
        /// What the setting says.
        found: String,
        /// Which there are.
        source: UnknownName,
    },
    /// The id of the key is missing, is none, or is of no use.
    #[error("{path}: {source}")]
    Key {
        /// The endpoint's path.
        path: String,
        /// What is wrong.
        source: InvalidScheme,
    },
    /// Two have one path, so that nobody could say which is to judge.
    #[error("{0}: two endpoints have this path: leave one off")]
    Doubled(String),
}

impl Endpoint {
    /// The endpoint at `path`, compared with the request's as it was received. Sinch calls `public_path`,
    /// which is the same where nothing in front rewrites paths. Without a scheme it takes the Conversation
    /// and the SMS API's callbacks; `key` is the id that callbacks name in the schemes that have one.
    ///
    /// # Errors
    /// [`InvalidEndpoint`] for what is no path, no scheme, or no key of it.
    pub fn new(
        path: &str,
        public_path: Option<&str>,
        scheme: Option<&str>,
        key: Option<&str>,
    ) -> Result<Self, InvalidEndpoint> {
        let path_of = |text: &str| match is_path(text) {
            true => Ok(text.to_owned()),
            false => Err(InvalidEndpoint::Path(text.into())),
        };
        let path = path_of(path)?;
        let public_path = path_of(public_path.unwrap_or(&path))?;
        let name = match scheme {
            None => SchemeName::Conversation,
            Some(found) => found.parse().map_err(|source| InvalidEndpoint::Scheme {
                path: path.clone(),
                found: found.into(),
                source,
            })?,
        };
        match AnyScheme::new(name, key) {
            Ok(scheme) => Ok(Self {
                path,
                public_path,
                scheme,
            }),
            Err(source) => Err(InvalidEndpoint::Key { path, source }),
        }
    }

    /// That no two of these have one path.
    ///
    /// # Errors
    /// [`InvalidEndpoint::Doubled`].
    pub fn check_apart<'a>(
        endpoints: impl IntoIterator<Item = &'a Self>,
    ) -> Result<(), InvalidEndpoint> {
        let mut paths = std::collections::BTreeSet::new();
        for Self { path, .. } in endpoints {
            if !paths.insert(path) {
                return Err(InvalidEndpoint::Doubled(path.clone()));
            }
        }
        Ok(())
    }

    /// The path at this host.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The scheme of its callbacks.
    #[must_use]
    pub const fn scheme(&self) -> &AnyScheme {
        &self.scheme
    }

    /// Path and query as Sinch sent them, of a request that came with this query.
    #[must_use]
    pub fn target(&self, query: &str) -> String {
        target(&self.public_path, query)
    }
}

/// Path and query in one.
fn target(path: &str, query: &str) -> String {
    if query.is_empty() {
        path.into()
    } else {
        format!("{path}?{query}")
    }
}

fn is_path(text: &str) -> bool {
    let no_part_of_it = |character: char| {
        matches!(character, '?' | '#') || character.is_whitespace() || character.is_control()
    };
    text.starts_with('/') && !text.contains(no_part_of_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_path_is_none_of_an_endpoint_s() {
        for text in [
            "",
            "voice",
            "/voice?a=1",
            "/voice#a",
            "/a b",
            "/a\n",
            "https://a/voice",
        ] {
            let expected = Err(InvalidEndpoint::Path(text.into()));
            assert_eq!(Endpoint::new(text, None, None, None), expected, "{text:?}");
            assert_eq!(
                Endpoint::new("/a", Some(text), None, None),
                expected,
                "{text:?}"
            );
        }
        assert_eq!(
            Endpoint::new("/", None, None, None).unwrap().target(""),
            "/"
        );
    }

    #[test]
    fn a_scheme_that_is_none_is_told_with_those_there_are() {
        let error = Endpoint::new("/voice", None, Some("aplication"), None).unwrap_err();
        let told = error.to_string();
        assert!(
            told.starts_with("/voice: the scheme \"aplication\" is unknown: "),
            "{told}"
        );
        assert!(
            told.contains("application") && told.contains("numbers"),
            "{told}"
        );
    }

    #[test]
    fn a_key_is_given_where_callbacks_name_one_and_nowhere_else() {
        for scheme in SchemeName::ALL.iter().copied() {
            let of = |key| Endpoint::new("/a", None, Some(scheme.as_str()), key);
            assert_eq!(of(Some("id")).is_ok(), scheme.names_key(), "{scheme}");
            assert_eq!(of(None).is_ok(), !scheme.names_key(), "{scheme}");
        }
        let error = Endpoint::new("/a", None, Some("service"), Some("two words"));
        assert!(
            matches!(error, Err(InvalidEndpoint::Key { .. })),
            "{error:?}"
        );
    }

    #[test]
    fn one_path_has_one_endpoint() {
        let at = |path| Endpoint::new(path, None, None, None).unwrap();
        assert_eq!(Endpoint::check_apart(&[at("/a"), at("/a/")]), Ok(()));
        let doubled = Endpoint::check_apart(&[at("/a"), at("/b"), at("/a")]);
        assert_eq!(doubled, Err(InvalidEndpoint::Doubled("/a".into())));
    }
}
