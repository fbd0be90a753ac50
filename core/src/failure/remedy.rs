named! {
    /// What the reason of a failure asks of us.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::{Meaning, Remedy};
    ///
    /// let remedy = Meaning::of_reason("OUTSIDE_ALLOWED_SENDING_WINDOW", "").remedy;
    /// assert_eq!(remedy, Remedy::TryAnotherChannel);
    /// assert_eq!(remedy.as_str(), "try_another_channel");
    /// assert_eq!(remedy.advice(), "try another channel");
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum Remedy {
        /// The same message may go through later.
        RetryLater = "retry_later",
        /// This channel will not do for this recipient now; another may.
        TryAnotherChannel = "try_another_channel",
        /// The message is not acceptable as it is: change it before sending it again.
        FixRequest = "fix_request",
        /// The person cannot or must not be reached: take them off the list.
        DropRecipient = "drop_recipient",
        /// The account, app, sender or template at Sinch is not set up for this.
        CheckConfiguration = "check_configuration",
        /// Nothing: it was our own doing.
        Nothing = "nothing",
        /// The reason is not one that we know.
        #[default]
        Unknown = "unknown",
    }
}

impl Remedy {
    /// The remedy in words for a person.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::RetryLater => "send it again later",
            Self::TryAnotherChannel => "try another channel",
            Self::FixRequest => "change the message before sending it again",
            Self::DropRecipient => "stop sending to this recipient",
            Self::CheckConfiguration => "check the set-up at Sinch",
            Self::Nothing => "nothing to do",
            Self::Unknown => "not a reason we know: look it up at Sinch",
        }
    }
}
