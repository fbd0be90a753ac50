use serde::Deserialize;
use sinch_callback::SecretRing;
use sinch_callback_pipeline::{Endpoint, InvalidEndpoint};

/// The setting's text as endpoints, each with the names of its secrets' parameters, the current one first.
///
/// # Errors
/// [`InvalidEndpoints`] for the first thing that is wrong.
pub(crate) fn read(text: &str) -> Result<Vec<(Endpoint, Vec<String>)>, InvalidEndpoints> {
    let written: Vec<Written> = serde_json::from_str(text)?;
    let mut found = Vec::with_capacity(written.len());
    for one in written {
        let endpoint = Endpoint::new(
            &one.path,
            one.public_path.as_deref(),
            one.scheme.as_deref(),
            one.key.as_deref(),
        )?;
        if !(1..=SecretRing::MAX).contains(&one.secrets.len()) {
            return Err(InvalidEndpoints::Secrets {
                path: one.path,
                found: one.secrets.len(),
            });
        }
        if let Some(name) = one.secrets.iter().find(|name| !is_parameter_name(name)) {
            return Err(InvalidEndpoints::Name {
                name: name.clone(),
                path: one.path,
            });
        }
        found.push((endpoint, one.secrets));
    }
    Endpoint::check_apart(found.iter().map(|(endpoint, _)| endpoint))?;
    Ok(found)
}

/// Why a text is no list of endpoints.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidEndpoints {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    #[error(
        "{path}: secrets names {found} parameters: name 1 to {}",
        SecretRing::MAX
    )]
    Secrets { path: String, found: usize },
    #[error(
        "{path}: {name:?} is no name of a parameter: parts of letters, digits and .-_ between slashes, \
         without version or label"
    )]
    Name { path: String, name: String },
}

/// An endpoint as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    path: String,
    public_path: Option<String>,
    scheme: Option<String>,
    secrets: Vec<String>,
    key: Option<String>,
}

/// Whether a parameter can have this name
/// (<https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html>). The
/// receiver puts versions behind names itself.
fn is_parameter_name(name: &str) -> bool {
    let is_part = |part: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        !part.is_empty() && part.bytes().all(fits)
    };
    name.strip_prefix('/')
        .unwrap_or(name)
        .split('/')
        .all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "669E367E-6BBA-48AB-AF15-266871C28135";

    #[test]
    fn an_endpoint_has_a_path_a_scheme_and_secrets() {
        let text = format!(
            r#"[{{"path":"/voice","public_path":"/hooks/voice","scheme":"application","secrets":["/sinch/voice"],"key":"{KEY}"}},
                {{"path":"/conversation","secrets":["new","/sinch/old"]}}]"#,
        );
        let voice = Endpoint::new(
            "/voice",
            Some("/hooks/voice"),
            Some("application"),
            Some(KEY),
        );
        let conversation = Endpoint::new("/conversation", None, Some("conversation"), None);
        let expected = [
            (voice.unwrap(), vec!["/sinch/voice".to_owned()]),
            (
                conversation.unwrap(),
                vec!["new".into(), "/sinch/old".into()],
            ),
        ];
        assert_eq!(read(&text).unwrap(), expected);
        assert!(read("[]").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_path_and_what_to_do() {
        let at_a = |more: &str| format!(r#"[{{"path":"/a",{more}}}]"#);
        let secrets = r#""secrets":["/a"]"#;
        for (text, told) in [
            (
                at_a(r#""scheme":"numbers","secrets":[]"#),
                "/a: secrets names 0 parameters: name 1 to 4",
            ),
            (
                at_a(r#""secrets":["a","b","c","d","e"]"#),
                "/a: secrets names 5 parameters: name 1 to 4",
            ),
            (
                at_a(r#""secrets":["/a:3"]"#),
                "/a: \"/a:3\" is no name of a parameter",
            ),
            (
                at_a(r#""secrets":["a b"]"#),
                "/a: \"a b\" is no name of a parameter",
            ),
            (
                at_a(r#""secrets":["/a/"]"#),
                "/a: \"/a/\" is no name of a parameter",
            ),
            (
                at_a(r#""secrets":[""]"#),
                "/a: \"\" is no name of a parameter",
            ),
            (
                at_a(&format!(r#""scheme":"fax",{secrets}"#)),
                "/a: the scheme \"fax\" is unknown",
            ),
            (
                at_a(&format!(r#""scheme":"service",{secrets}"#)),
                "/a: callbacks of the scheme service name a key",
            ),
            (
                at_a(&format!(r#""key":"7",{secrets}"#)),
                "/a: callbacks of the scheme conversation name no key",
            ),
            (
                at_a(&format!(r#""sheme":"service",{secrets}"#)),
                "unknown field `sheme`",
            ),
            (at_a(r#""scheme":"numbers""#), "missing field `secrets`"),
            (
                format!(r#"[{{"path":"/a",{secrets}}},{{"path":"/a",{secrets}}}]"#),
                "/a: two endpoints have this path",
            ),
            (format!(r#"[{{"path":"a",{secrets}}}]"#), "\"a\" is no path"),
            (r#"{"path":"/a"}"#.into(), "invalid type: map"),
            ("/voice=application".into(), "expected value at line 1"),
        ] {
            let error = read(&text).unwrap_err().to_string();
            assert!(error.starts_with(told), "{text}: {error}");
        }
    }
}
