use core::convert::Infallible;

use sinch_callback::{Ring, RingVersion, UnixSeconds, scheme::AnyKey};

use crate::ports::{Refresh, SecretSource, Secrets};

/// Secrets that stay what they are for as long as the process runs, as those from its environment do.
///
/// There are never newer ones, so a signature that matches none of them is refused for good. To
/// change a secret without losing a callback, start with both, the newer one first.
///
/// # Examples
/// ```
/// use sinch_callback::{Secret, SecretRing};
/// use sinch_callback_pipeline::FixedSecrets;
///
/// let one = FixedSecrets::new(Secret::new("made-up")?);
/// let ring = SecretRing::new([Secret::new("made-up-new")?, Secret::new("made-up-old")?])?;
/// let during_a_rotation = FixedSecrets::new(ring);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FixedSecrets(Secrets);

impl FixedSecrets {
    /// These secrets: a [`Secret`](sinch_callback::Secret), or a ring of several.
    #[must_use]
    pub fn new(secrets: impl Into<Ring<AnyKey>>) -> Self {
        Self(Secrets::new(secrets, UnixSeconds::new(0)))
    }
}

impl SecretSource for FixedSecrets {
    type Error = Infallible;

    async fn current(&self, now: UnixSeconds) -> Result<Secrets, Infallible> {
        Ok(Secrets {
            read_at: now,
            ..self.0.clone()
        })
    }

    async fn refresh(&self, _judged: RingVersion, _now: UnixSeconds) -> Refresh {
        Refresh::Unchanged
    }
}
