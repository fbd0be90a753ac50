use alloc::{boxed::Box, vec::Vec};

#[cfg(feature = "full")]
use sinch_callback::Signer;
#[cfg(feature = "full")]
use sinch_callback::scheme::SchemeSigner;
use sinch_callback::{
    MemoryReplayGuard, Rules, SecretRing, Verifier, secret_schedule::SecretSchedule,
};
#[cfg(feature = "schemes")]
use sinch_callback::{
    Ring,
    scheme::{AnyKey, AnyScheme, SchemeVerifier},
};

/// What the host holds by number.
pub(crate) enum Item {
    Verifier(Verifier),
    Rules(Rules),
    Guard(MemoryReplayGuard),
    Schedule(SecretSchedule),
    #[cfg(feature = "full")]
    Signer(Signer),
    #[cfg(feature = "schemes")]
    VerifierOf(SchemeVerifier<AnyScheme>),
    #[cfg(feature = "schemes")]
    RulesOf(Rules, AnyScheme),
    #[cfg(feature = "full")]
    SignerOf(SchemeSigner),
}

/// Items by number, never 0. The number of an item that has been freed finds nothing.
///
/// Boxed, so that keyed secrets are not left behind where a growing table moves them.
pub(crate) struct Slab(Vec<Option<Box<Item>>>);

impl Slab {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Keeps the item and gives its number.
    pub(crate) fn insert(&mut self, item: Item) -> u32 {
        let item = Some(Box::new(item));
        let position = self.0.iter().position(Option::is_none);
        if let Some(place) = position.and_then(|position| self.0.get_mut(position)) {
            *place = item;
        } else {
            self.0.push(item);
        }
        let number = position.map_or(self.0.len(), |position| position.saturating_add(1));
        u32::try_from(number).unwrap_or_default()
    }

    pub(crate) fn verifier(&self, number: u32) -> Option<&Verifier> {
        match self.0.get(position(number))?.as_deref() {
            Some(Item::Verifier(verifier)) => Some(verifier),
            _ => None,
        }
    }

    pub(crate) fn ring(&self, verifier: u32) -> Option<&SecretRing> {
        self.verifier(verifier).map(Verifier::ring)
    }

    pub(crate) fn rules(&self, number: u32) -> Option<Rules> {
        match self.0.get(position(number))?.as_deref() {
            Some(Item::Rules(rules)) => Some(*rules),
            #[cfg(feature = "schemes")]
            Some(Item::RulesOf(rules, _)) => Some(*rules),
            _ => None,
        }
    }

    #[cfg(feature = "schemes")]
    pub(crate) fn verifier_of(&self, number: u32) -> Option<&SchemeVerifier<AnyScheme>> {
        match self.0.get(position(number))?.as_deref() {
            Some(Item::VerifierOf(verifier)) => Some(verifier),
            _ => None,
        }
    }

    #[cfg(feature = "schemes")]
    pub(crate) fn ring_of(&self, verifier: u32) -> Option<&Ring<AnyKey>> {
        self.verifier_of(verifier).map(SchemeVerifier::ring)
    }

    #[cfg(feature = "schemes")]
    pub(crate) fn rules_of(&self, number: u32) -> Option<(Rules, AnyScheme)> {
        match self.0.get(position(number))?.as_deref() {
            Some(Item::RulesOf(rules, scheme)) => Some((*rules, *scheme)),
            _ => None,
        }
    }

    #[cfg(feature = "full")]
    pub(crate) fn signer_of(&self, number: u32) -> Option<&SchemeSigner> {
        match self.0.get(position(number))?.as_deref() {
            Some(Item::SignerOf(signer)) => Some(signer),
            _ => None,
        }
    }

    pub(crate) fn guard(&mut self, number: u32) -> Option<&mut MemoryReplayGuard> {
        match self.0.get_mut(position(number))?.as_deref_mut() {
            Some(Item::Guard(guard)) => Some(guard),
            _ => None,
        }
    }

    pub(crate) fn schedule(&mut self, number: u32) -> Option<&mut SecretSchedule> {
        match self.0.get_mut(position(number))?.as_deref_mut() {
            Some(Item::Schedule(schedule)) => Some(schedule),
            _ => None,
        }
    }

    #[cfg(feature = "full")]
    pub(crate) fn signer(&self, number: u32) -> Option<&Signer> {
        match self.0.get(position(number))?.as_deref() {
            Some(Item::Signer(signer)) => Some(signer),
            _ => None,
        }
    }

    /// Drops the item, if it is there.
    pub(crate) fn remove(&mut self, number: u32) {
        if let Some(place) = self.0.get_mut(position(number)) {
            *place = None;
        }
    }
}

/// Where the item of this number lies; for 0, nowhere.
fn position(number: u32) -> usize {
    usize::try_from(number.wrapping_sub(1)).unwrap_or(usize::MAX)
}
