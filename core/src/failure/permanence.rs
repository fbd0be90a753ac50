named! {
    /// Whether the same message would fail again.
    ///
    /// Apart from the [`Remedy`](crate::failure::Remedy): what to do next and how certain the failure is are two
    /// questions. A permanent failure beside a delivery is a contradiction, a temporary one is not.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum Permanence {
        /// The same message fails again for as long as nothing else changes.
        Permanent = "permanent",
        /// The same message may go through later.
        Temporary = "temporary",
        /// The reason leaves it open, or is not one that we know.
        #[default]
        Unknown = "unknown",
    }
}
