use core::{error::Error, future::Future};

use sinch_callback::{ContentKey, Unrecognized};

use super::message::{Change, Changed, Message, Novelty};
use crate::envelope::Envelope;

/// Keeps messages.
///
/// # Examples
/// ```
/// use core::convert::Infallible;
/// use std::{collections::HashMap, sync::{Mutex, PoisonError}};
/// use sinch_callback_pipeline::messages::{Change, Changed, Message, Messages};
///
/// /// Whoever holds the lock is alone with the message, so nobody has to be asked a second time.
/// struct Map(Mutex<HashMap<String, Message>>);
///
/// impl Messages for Map {
///     type Error = Infallible;
///
///     async fn update(
///         &self,
///         id: &str,
///         change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
///     ) -> Result<Changed, Infallible> {
///         let mut messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
///         let Change { write, changed } = change(messages.get(id).cloned());
///         messages.extend(write.map(|message| (id.to_owned(), message)));
///         Ok(changed)
///     }
/// }
/// ```
pub trait Messages: Sync {
    /// Why a message was not changed.
    type Error: Error + Send + Sync + 'static;

    /// Gives `change` what is kept of a message and writes what it gives, on condition that the message
    /// is still what was given ([`Message::revision`]); else gives it the newer one. `change` is pure
    /// and may run again. It is not asked about a message that has been forgotten.
    ///
    /// # Errors
    /// When it is not certain that the message was written. The callback stays queued; where it was
    /// written after all, the next attempt finds it.
    fn update(
        &self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
    ) -> impl Future<Output = Result<Changed, Self::Error>> + Send;
}

/// Keeps callbacks as a whole: bodies that are to be read again or archived, and how far a large one
/// has been applied.
///
/// # Examples
/// ```
/// use sinch_callback_pipeline::{Envelope, messages::{Callbacks, KeptFor, Novelty}};
/// # use core::convert::Infallible;
/// # use std::{collections::HashMap, sync::{Mutex, PoisonError}};
/// # use sinch_callback_pipeline::messages::{Change, Changed, Message, Messages};
/// # #[derive(Default)]
/// # struct Store(Mutex<HashMap<String, Message>>);
/// # impl Messages for Store {
/// #     type Error = Infallible;
/// #     async fn update(
/// #         &self,
/// #         id: &str,
/// #         change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
/// #     ) -> Result<Changed, Infallible> {
/// #         let mut messages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
/// #         let Change { write, changed } = change(messages.get(id).cloned());
/// #         messages.extend(write.map(|message| (id.to_owned(), message)));
/// #         Ok(changed)
/// #     }
/// # }
///
/// impl Callbacks for Store {
///     async fn keep(&self, envelope: &Envelope<'_>, why: KeptFor) -> Result<Novelty, Self::Error> {
///         if let Some(why) = why.unrecognized {
///             println!("{}: {why}", envelope.content_key());
///         }
///         Ok(Novelty::New)
///     }
/// }
/// ```
pub trait Callbacks: Messages {
    /// Keeps a body, for these reasons or where everything is archived. Once for each content key; anew
    /// where it was listed for another reason, or is no longer to be: then a newer version has read it.
    /// The same arrival may be kept again. What is not kept is new.
    ///
    /// # Errors
    /// When it is not certain that it is kept; the callback stays queued.
    fn keep(
        &self,
        envelope: &Envelope<'_>,
        why: KeptFor,
    ) -> impl Future<Output = Result<Novelty, Self::Error>> + Send;

    /// How far a large callback has been applied; `None` where nothing is known. A store that keeps no
    /// cursors says so always: a callback that broke off is then begun anew.
    ///
    /// # Errors
    /// When that cannot be read.
    fn cursor(
        &self,
        _content_key: ContentKey,
    ) -> impl Future<Output = Result<Option<Cursor>, Self::Error>> + Send {
        async { Ok(None) }
    }

    /// Sets how far it has been applied; `None` once it has been whole.
    ///
    /// # Errors
    /// When it is not certain that it was set.
    fn set_cursor(
        &self,
        _content_key: ContentKey,
        _cursor: Option<Cursor>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send {
        async { Ok(()) }
    }
}

/// Why a callback is kept as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeptFor {
    /// It, or a part of it, is not understood, and listed for that.
    pub unrecognized: Option<Unrecognized>,
    /// It is told as a whole. Once kept, its repeats are known, which are not told again.
    pub is_told: bool,
}

impl KeptFor {
    /// Whether there is a reason.
    #[must_use]
    pub const fn is_kept(self) -> bool {
        self.is_told || self.unrecognized.is_some()
    }
}

/// How far a large callback has been applied, and its events told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// How many of its messages are done, in the order in which it names them.
    pub done: usize,
    /// How many messages it reports on. A version that reads another number of them begins anew.
    pub of: usize,
}
