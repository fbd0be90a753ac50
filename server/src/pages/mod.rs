//! What a browser is given: the pages' files, and what it may do with it.

pub(crate) mod assets;
pub(crate) mod headers;
pub(crate) mod origin;
pub(crate) mod sessions;
