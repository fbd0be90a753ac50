sinch_callback::named! {
    /// What an intent's success rests on; a later one outweighs an earlier one.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Evidence {
        /// A mail server took the e-mail (SMTP's 250), after which no receipt comes.
        Accepted = "accepted",
        /// The message has reached the recipient.
        Delivered = "delivered",
        /// The message has been seen.
        Read = "read",
    }
}
