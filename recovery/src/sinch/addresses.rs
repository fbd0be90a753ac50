use super::url::is_base;

sinch_callback::named! {
    /// Where a project's data of the Conversation API lies. A wrong one answers 404.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub enum Region {
        /// The United States.
        #[default]
        Us = "us",
        /// The European Union.
        Eu = "eu",
        /// Brazil.
        Br = "br",
    }
}

sinch_callback::named! {
    /// Where a service plan of the SMS API is served.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub enum SmsRegion {
        /// The United States.
        #[default]
        Us = "us",
        /// The European Union.
        Eu = "eu",
        /// Australia.
        Au = "au",
        /// Brazil.
        Br = "br",
        /// Canada.
        Ca = "ca",
    }
}

/// Where Sinch's API is: its own addresses, or one that stands in for all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    pub(super) auth: String,
    pub(super) conversation: String,
}

impl Addresses {
    /// Sinch's own, of this region.
    #[must_use]
    pub fn of(region: Region) -> Self {
        Self {
            auth: "https://auth.sinch.com".to_owned(),
            conversation: format!("https://{}.conversation.api.sinch.com", region.as_str()),
        }
    }

    /// One origin for all, as of the stand-in `sinch-callback play-sinch`.
    ///
    /// # Errors
    /// [`InvalidBase`].
    pub fn at(base: &str) -> Result<Self, InvalidBase> {
        let base = base_of(base)?;
        Ok(Self {
            auth: base.clone(),
            conversation: base,
        })
    }
}

/// An origin without a slash at its end.
pub(super) fn base_of(text: &str) -> Result<String, InvalidBase> {
    let base = text.trim_end_matches('/');
    if is_base(base) {
        Ok(base.to_owned())
    } else {
        Err(InvalidBase)
    }
}

/// An address that Sinch's API cannot be at: what is sent there bears a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an https address without a path, or an http address of this machine")]
pub struct InvalidBase;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_over_https_or_stays_on_this_machine() {
        for base in [
            "https://sinch.example.com",
            "https://sinch.example.com:8443/",
            "http://127.0.0.1:8090",
            "http://localhost:8090/",
            "http://[::1]:8090",
        ] {
            assert!(Addresses::at(base).is_ok(), "{base}");
        }
        for base in [
            "http://sinch.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://127.0.0.1@example.com",
            "https://user@example.com",
            "https://example.com/path",
            "https://example.com?query",
            "https://",
            "ftp://localhost",
            "localhost:8090",
            "",
        ] {
            assert_eq!(Addresses::at(base), Err(InvalidBase), "{base}");
        }
    }

    #[test]
    fn each_region_has_a_host_of_its_own() {
        let host = |region| Addresses::of(region).conversation;
        assert_eq!(host(Region::Eu), "https://eu.conversation.api.sinch.com");
        assert_eq!(
            host(Region::default()),
            "https://us.conversation.api.sinch.com"
        );
    }
}
