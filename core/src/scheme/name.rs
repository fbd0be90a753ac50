named! {
    /// The name of a scheme, in settings and for people.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[non_exhaustive]
    pub enum SchemeName {
        /// The Conversation and the SMS API.
        Conversation = "conversation",
        /// Numbers, Imported Numbers, Hosting and 10DLC.
        Numbers = "numbers" if "schemes",
        /// Voice v1 and Verification v1.
        Application = "application" if "schemes",
        /// Voice v2.
        Service = "service" if "schemes",
        /// Mailgun.
        Mailgun = "mailgun" if "schemes",
        /// Engage (MessageMedia).
        Engage = "engage" if "rsa",
        /// WhatsApp API, as it was documented in 2021.
        WhatsappLegacy = "whatsapp-legacy" if "schemes",
    }
}

#[cfg(feature = "schemes")]
impl SchemeName {
    /// The products whose callbacks are signed so.
    #[must_use]
    pub const fn products(self) -> &'static str {
        match self {
            Self::Conversation => "Conversation, SMS",
            Self::Numbers => "Numbers, Imported Numbers and Hosting, 10DLC",
            Self::Application => "Voice v1, Verification v1",
            Self::Service => "Voice v2",
            Self::Mailgun => "Mailgun",
            #[cfg(feature = "rsa")]
            Self::Engage => "Engage (MessageMedia)",
            Self::WhatsappLegacy => "WhatsApp API (legacy)",
        }
    }

    /// What an authentic callback is worth, in a sentence.
    #[must_use]
    pub const fn promise(self) -> &'static str {
        match self {
            Self::Conversation => {
                "Body, nonce and time are the sender's: authentic, timely, and known again by its nonce."
            }
            Self::Application | Self::Service => {
                "Method, path, content type, time and body are the sender's: authentic, timely, and known again by its signature."
            }
            Self::Numbers => {
                "The body is the sender's, and its age is unknown: authentic and untimed."
            }
            Self::Mailgun => {
                "Time and token are the sender's, and nothing else is: the token is authentic."
            }
            #[cfg(feature = "rsa")]
            Self::Engage => {
                "Method, path with query, date and body are the sender's: authentic, timely, and known again by its signature."
            }
            Self::WhatsappLegacy => {
                "Body and nonce are the sender's, and their age is unknown: authentic and untimed."
            }
        }
    }

    /// What the signature does not cover, in a sentence.
    #[must_use]
    pub const fn not_covered(self) -> &'static str {
        match self {
            Self::Conversation => "Path and other headers are not covered.",
            #[cfg(feature = "rsa")]
            Self::Engage => "The other headers are not covered.",
            Self::Application => {
                "The query and other headers are not covered. The body is covered by its MD5."
            }
            Self::Service => {
                "The query and other headers are not covered, those of CloudEvents (ce-id and others) included. The body is covered by its MD5."
            }
            Self::Numbers => {
                "No time and no nonce are covered: a recorded callback is authentic for ever, and only a log that has kept its eventId or its body knows it again."
            }
            Self::Mailgun => {
                "The event data is not covered: take it as a hint, and fetch the event by its id where money hangs on it."
            }
            Self::WhatsappLegacy => {
                "No time is covered: a recorded callback is authentic for ever, and only a log that has kept it knows it again."
            }
        }
    }

    /// Whether the callback names a key that has to be ours: the application's key or the service's id.
    #[must_use]
    pub const fn names_key(self) -> bool {
        matches!(self, Self::Application | Self::Service)
    }

    /// Whether method and path are signed, so that a verifier has to know the public ones.
    #[must_use]
    pub const fn signs_path(self) -> bool {
        match self {
            Self::Application | Self::Service => true,
            #[cfg(feature = "rsa")]
            Self::Engage => true,
            _ => false,
        }
    }

    /// Whether the key is a secret that both sides share: whoever verifies with it can sign with it, too.
    #[must_use]
    pub const fn shares_secret(self) -> bool {
        match self {
            #[cfg(feature = "rsa")]
            Self::Engage => false,
            _ => true,
        }
    }

    /// Whether the content is signed.
    #[must_use]
    pub const fn covers_body(self) -> bool {
        !matches!(self, Self::Mailgun)
    }

    /// Whether a time is signed.
    #[must_use]
    pub const fn signs_time(self) -> bool {
        !matches!(self, Self::Numbers | Self::WhatsappLegacy)
    }
}
