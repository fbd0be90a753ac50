use crate::AwsError;

/// Why the table did not do it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The table cannot be reached or refuses.
    #[error("the table cannot be reached or refuses: {0}")]
    Call(#[from] AwsError),
    /// Others kept changing the same messages.
    #[error("{attempts} attempts met other changes of the same messages")]
    Contended {
        /// How often it was tried.
        attempts: u32,
    },
    /// The table keeps putting off a part of what is read.
    #[error("the table did not give all that was asked for")]
    Unread,
}
