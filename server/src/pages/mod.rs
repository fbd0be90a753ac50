//! What a browser is given: the pages' files, and the way to log in.

pub(crate) mod assets;
pub(crate) mod headers;
pub(crate) mod login;
pub(crate) mod origin;
pub(crate) mod sessions;
