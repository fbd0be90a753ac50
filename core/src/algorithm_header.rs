/// Whether a callback has to name its algorithm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AlgorithmHeader {
    /// It may be absent. The default: the only published delivery report comes without.
    #[default]
    Optional,
    /// It must be there, as two of Sinch's SDKs demand.
    Required,
}

impl AlgorithmHeader {
    /// The rule that a yes-or-no setting stands for.
    #[must_use]
    pub const fn required_if(is_required: bool) -> Self {
        if is_required {
            Self::Required
        } else {
            Self::Optional
        }
    }
}
