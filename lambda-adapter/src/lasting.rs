/// Whether a failure stays however often the same is tried again.
pub trait Lasting {
    /// `true` where the next attempt meets the same refusal. `false` for whatever may pass by itself
    /// or by an operator's hand: outages, throttling, a permission that was taken away.
    fn lasts(&self) -> bool;
}

impl Lasting for core::convert::Infallible {
    fn lasts(&self) -> bool {
        match *self {}
    }
}
