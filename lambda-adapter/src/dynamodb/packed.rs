//! What stands in an item deflated.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use miniz_oxide::{deflate, inflate};
use sinch_callback::limits;

use super::{TableError, attributes::Item};

/// The compression level of zlib's default.
const LEVEL: u8 = 6;
pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    deflate::compress_to_vec(bytes, LEVEL)
}

/// Unpacks as much as a body may have: what a table gives is not trusted to be what was put there.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<u8>, TableError> {
    inflate::decompress_to_vec_with_limit(bytes, limits::AWS_MAX_BODY_BYTES)
        .map_err(|_| TableError::Unreadable)
}

pub(super) fn binary(bytes: Vec<u8>) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

/// Bytes, empty where there are none.
pub(super) fn read_binary<'a>(item: &'a Item, name: &str) -> &'a [u8] {
    match item.get(name) {
        Some(AttributeValue::B(bytes)) => bytes.as_ref(),
        _ => &[],
    }
}
