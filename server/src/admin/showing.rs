use super::gate::Asker;

/// Whether recipients are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Showing {
    /// As they are.
    Whole,
    /// As `masked_identity` has them.
    Masked,
}

impl Showing {
    /// What a person sees in a browser is masked until they ask for more, which is logged. A program that
    /// has the token, or that runs where none is set, is given all, unless it asks for less.
    pub(super) const fn of(asker: Asker, masked: Option<u8>, reveal: Option<u8>) -> Self {
        match (asker, masked, reveal) {
            (_, _, Some(1..)) => Self::Whole,
            (Asker::Session, ..) | (_, Some(1..), _) => Self::Masked,
            _ => Self::Whole,
        }
    }

    /// The same where only pages ask: masked unless it is asked for.
    pub(crate) const fn on_a_page(reveal: Option<u8>) -> Self {
        match reveal {
            Some(1..) => Self::Whole,
            _ => Self::Masked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_sees_no_recipient_before_it_asks() {
        for asker in [Asker::Anybody, Asker::Token] {
            assert_eq!(Showing::of(asker, None, None), Showing::Whole);
            assert_eq!(Showing::of(asker, Some(1), None), Showing::Masked);
            assert_eq!(Showing::of(asker, Some(0), Some(0)), Showing::Whole);
        }
        for masked in [None, Some(0), Some(1)] {
            assert_eq!(Showing::of(Asker::Session, masked, None), Showing::Masked);
            assert_eq!(
                Showing::of(Asker::Session, masked, Some(0)),
                Showing::Masked
            );
            assert_eq!(Showing::of(Asker::Session, masked, Some(1)), Showing::Whole);
        }
        assert_eq!(Showing::on_a_page(None), Showing::Masked);
        assert_eq!(Showing::on_a_page(Some(1)), Showing::Whole);
    }
}
