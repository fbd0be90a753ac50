//! Each port through a reference and through an `Arc` of what implements it, since receiver and
//! processor share a store.

use core::future::Future;
use std::sync::Arc;

use sinch_callback::{ContentKey, Rejection, RingVersion, UnixSeconds};

use crate::{
    callback_event::CallbackEvent,
    envelope::Envelope,
    messages::{
        event::DeliveryEvent,
        message::{Change, Changed, Message, Novelty},
        notifier::Notifier,
        port::{Callbacks, Cursor, KeptFor, Messages},
    },
    ports::{Handoff, Refresh, SecretSource, Secrets},
};

macro_rules! through {
    ($pointer:ty, $($bound:tt)+) => {
        impl<T: SecretSource + $($bound)+> SecretSource for $pointer {
            type Error = T::Error;

            fn current(
                &self,
                now: UnixSeconds,
            ) -> impl Future<Output = Result<Secrets, T::Error>> + Send {
                T::current(self, now)
            }

            fn refresh(
                &self,
                judged: RingVersion,
                now: UnixSeconds,
            ) -> impl Future<Output = Refresh> + Send {
                T::refresh(self, judged, now)
            }
        }

        impl<T: Handoff + $($bound)+> Handoff for $pointer {
            type Error = T::Error;

            fn send(
                &self,
                envelope: Envelope<'_>,
            ) -> impl Future<Output = Result<(), T::Error>> + Send {
                T::send(self, envelope)
            }

            fn rejection(error: &T::Error) -> Option<Rejection> {
                T::rejection(error)
            }
        }

        impl<T: Notifier + $($bound)+> Notifier for $pointer {
            type Error = T::Error;

            fn notify(
                &self,
                events: &[DeliveryEvent<'_>],
            ) -> impl Future<Output = Result<(), T::Error>> + Send {
                T::notify(self, events)
            }

            fn notify_of_callback(
                &self,
                events: &[CallbackEvent<'_>],
            ) -> impl Future<Output = Result<(), T::Error>> + Send {
                T::notify_of_callback(self, events)
            }
        }

        impl<T: Messages + $($bound)+> Messages for $pointer {
            type Error = T::Error;

            fn update(
                &self,
                message_id: &str,
                change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
            ) -> impl Future<Output = Result<Changed, T::Error>> + Send {
                T::update(self, message_id, change)
            }
        }

        impl<T: Callbacks + $($bound)+> Callbacks for $pointer {
            fn keep(
                &self,
                envelope: &Envelope<'_>,
                why: KeptFor,
            ) -> impl Future<Output = Result<Novelty, T::Error>> + Send {
                T::keep(self, envelope, why)
            }

            fn cursor(
                &self,
                content_key: ContentKey,
            ) -> impl Future<Output = Result<Option<Cursor>, T::Error>> + Send {
                T::cursor(self, content_key)
            }

            fn set_cursor(
                &self,
                content_key: ContentKey,
                cursor: Option<Cursor>,
            ) -> impl Future<Output = Result<(), T::Error>> + Send {
                T::set_cursor(self, content_key, cursor)
            }
        }
    };
}

through!(&T, Sync);
through!(Arc<T>, Send);
