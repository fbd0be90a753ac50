use core::fmt;

named! {
    without Display
    /// Why a body, or a part of it, is not understood as a delivery of somebody. It is authentic all
    /// the same, and to be kept.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::{Callback, Unrecognized};
    ///
    /// let unknown = Callback::parse(br#"{"app_id":"a","a_new_thing_of_2027":{}}"#);
    /// assert_eq!(unknown.unwrap_err(), Unrecognized::UnknownKind);
    /// assert_eq!(Callback::parse(b"hello").unwrap_err().as_str(), "not_json");
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Unrecognized {
        /// It is not JSON.
        NotJson = "not_json",
        /// It is JSON, but not an object.
        NotAnObject = "not_an_object",
        /// It has none of the keys or types that we know.
        UnknownKind = "unknown_kind",
        /// It is a delivery report without an id or without a status.
        IncompleteReport = "incomplete_report",
        /// It is the report of a batch that counts recipients and names none.
        NamesNobody = "names_nobody",
        /// It is the report of a batch, and the share of some recipients has no recipient or no status.
        UnreadableShare = "unreadable_share",
        /// It is a delivery report whose status is none that we know. Its message is known by it, and
        /// does not move.
        UnknownStatus = "unknown_status",
        /// Its signature does not cover it: whatever it says, anybody may have said.
        NotCovered = "not_covered" if "schemes",
        /// It is of a product that signs in another way: whoever holds this secret says what is not theirs
        /// to say.
        OtherScheme = "other_scheme" if "schemes",
    }
}

impl Unrecognized {
    /// The reason in words.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::NotJson => "the body is not JSON",
            Self::NotAnObject => "the body is JSON, but not an object",
            Self::UnknownKind => "the body has no key or type of a callback that is known here",
            Self::IncompleteReport => "the delivery report lacks its id or its status",
            Self::NamesNobody => "the batch's report counts recipients and names none",
            Self::UnreadableShare => "a share of the batch's report has no recipient or no status",
            Self::UnknownStatus => "the delivery report's status is none that is known here",
            #[cfg(feature = "schemes")]
            Self::NotCovered => {
                "the signature does not cover the content: fetch the event by its id"
            }
            #[cfg(feature = "schemes")]
            Self::OtherScheme => {
                "the body is of a product whose callbacks are signed in another way"
            }
        }
    }
}

impl fmt::Display for Unrecognized {
    /// [`Unrecognized::detail`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())
    }
}

impl core::error::Error for Unrecognized {}
