use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// The access key of a project, which a token is asked for with: an id and a secret, from Sinch's
/// dashboard.
#[derive(Clone)]
pub struct AccessKey(Zeroizing<String>);

impl AccessKey {
    /// Reads the text of a file: `KEY_ID:KEY_SECRET`, on one line.
    ///
    /// # Errors
    /// [`InvalidAccessKey`].
    ///
    /// # Examples
    /// ```
    /// use sinch_callback_recovery::sinch::AccessKey;
    ///
    /// assert!(AccessKey::parse("669E367E-6BBA-48AB-AF15-266871C28135:made-up\n").is_ok());
    /// assert!(AccessKey::parse("made-up").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidAccessKey> {
        let line = text.trim();
        let is_visible = line.bytes().all(|byte| byte.is_ascii_graphic());
        match line.split_once(':') {
            Some((id, secret)) if is_visible && !id.is_empty() && !secret.is_empty() => {
                Ok(Self(Zeroizing::new(line.to_owned())))
            }
            _ => Err(InvalidAccessKey),
        }
    }

    /// The value of `authorization` by it.
    pub(super) fn basic(&self) -> Zeroizing<String> {
        let encoded = Zeroizing::new(Base64::encode_string(self.0.as_bytes()));
        Zeroizing::new(["Basic ", &encoded].concat())
    }
}

impl core::fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("AccessKey")
    }
}

/// A text is no access key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an access key is KEY_ID:KEY_SECRET, on one line")]
pub struct InvalidAccessKey;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_an_id_and_a_secret_on_one_line() {
        let key = AccessKey::parse(" key:made-up\n").unwrap();
        // printf 'key:made-up' | base64
        assert_eq!(*key.basic(), "Basic a2V5Om1hZGUtdXA=");
        assert_eq!(format!("{key:?}"), "AccessKey");
        for text in ["", "key", ":made-up", "key:", "key:made up", "key:a\nkey:b"] {
            assert_eq!(
                AccessKey::parse(text).unwrap_err(),
                InvalidAccessKey,
                "{text}"
            );
        }
    }
}
