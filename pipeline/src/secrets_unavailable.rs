use std::sync::Arc;

/// Why there are no secrets to be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretsUnavailable<E> {
    /// They cannot be read.
    #[error(transparent)]
    Unread(Arc<E>),
    /// The read has been under way for so long that it has failed.
    #[error("the source of the secrets has not answered")]
    Unanswered,
    /// The first read has not ended yet.
    #[error("a read of the secrets is under way")]
    UnderWay,
    /// A read has failed just now, and is not tried again with every callback.
    #[error("{0} (tried again in a moment)")]
    Waiting(Box<Self>),
}

impl<E> Clone for SecretsUnavailable<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Unread(error) => Self::Unread(Arc::clone(error)),
            Self::Unanswered => Self::Unanswered,
            Self::UnderWay => Self::UnderWay,
            Self::Waiting(error) => Self::Waiting(error.clone()),
        }
    }
}
