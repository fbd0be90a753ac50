//! What stands in an item deflated.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use miniz_oxide::{
    deflate::{
        self,
        core::{
            CompressorOxide, TDEFLFlush, compress_to_output, create_comp_flags_from_zip_params,
        },
    },
    inflate::{
        TINFLStatus,
        core::{
            DecompressorOxide, decompress,
            inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF as NOT_WRAPPING,
        },
    },
};
use sinch_callback::limits;

use super::{attributes::Item, error::TableError};

/// The compression level of zlib's default.
const LEVEL: u8 = 6;

pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    deflate::compress_to_vec(bytes, LEVEL)
}

/// Packs what is read with the same dictionary in front of it: what stands there takes no room.
pub(super) fn pack_behind(dictionary: &[u8], bytes: &[u8]) -> Vec<u8> {
    // Neither a header around it, nor a strategy but the common one.
    let flags = create_comp_flags_from_zip_params(LEVEL.into(), 0, 0);
    let mut compressor = CompressorOxide::new(flags);
    // The flush ends at a whole byte, and leaves what is behind it in the window.
    let _ = compress_to_output(&mut compressor, dictionary, TDEFLFlush::Sync, |_| true);
    let mut packed = Vec::new();
    let _ = compress_to_output(&mut compressor, bytes, TDEFLFlush::Finish, |piece| {
        packed.extend_from_slice(piece);
        true
    });
    packed
}

/// Unpacks as much as a body may have: what a table gives is not trusted to be what was put there.
pub(super) fn unpack(bytes: &[u8]) -> Result<Vec<u8>, TableError> {
    unpack_behind(&[], bytes)
}

/// Unpacks what was packed with this dictionary.
pub(super) fn unpack_behind(dictionary: &[u8], bytes: &[u8]) -> Result<Vec<u8>, TableError> {
    let limit = dictionary.len().saturating_add(limits::AWS_MAX_BODY_BYTES);
    let mut inflater = Box::<DecompressorOxide>::default();
    let (mut text, mut end, mut rest) = (dictionary.to_vec(), dictionary.len(), bytes);
    let mut room = end.saturating_add(bytes.len());
    loop {
        room = room.saturating_mul(2).min(limit);
        text.resize(room, 0);
        let (status, read, written) = decompress(&mut inflater, rest, &mut text, end, NOT_WRAPPING);
        end = end.saturating_add(written);
        match status {
            TINFLStatus::Done => {
                text.truncate(end);
                return Ok(text.split_off(dictionary.len()));
            }
            TINFLStatus::HasMoreOutput if room < limit => {
                rest = rest.get(read..).unwrap_or_default();
            }
            _ => return Err(TableError::Unreadable),
        }
    }
}

pub(crate) fn binary(bytes: Vec<u8>) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

/// Bytes, empty where there are none.
pub(crate) fn read_binary<'a>(item: &'a Item, name: &str) -> &'a [u8] {
    match item.get(name) {
        Some(AttributeValue::B(bytes)) => bytes.as_ref(),
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_unpacked_behind_the_same_dictionary_alone() {
        let letters = |count: usize| -> Vec<u8> {
            let letters = (0..count).map(|place| b"abcd"[(place * place / 7) % 4]);
            letters.collect()
        };
        for (size, known) in [(0, 9), (1, 0), (300, 2_000), (40_000, 40_000), (200_000, 3)] {
            let (text, dictionary) = (letters(size), letters(known));
            let packed = pack_behind(&dictionary, &text);
            assert_eq!(unpack_behind(&dictionary, &packed).unwrap(), text);
            assert_eq!(unpack(&pack(&text)).unwrap(), text);
        }
        let packed = pack_behind(b"the carrier says", b"the carrier says so");
        assert!(packed.len() < 10, "{}", packed.len());
        assert!(unpack(&packed).is_err());
    }

    #[test]
    fn no_more_is_unpacked_than_a_body_may_have() {
        let most = vec![0; limits::AWS_MAX_BODY_BYTES];
        let packed = pack_behind(b"00", &most);
        assert_eq!(unpack_behind(b"00", &packed).unwrap(), most);
        let packed = pack_behind(b"00", &[most, vec![0]].concat());
        assert!(unpack_behind(b"00", &packed).is_err());
    }

    /// Python's `zlib.compressobj(9, zlib.DEFLATED, -15, 8, 0, b"the carrier says")`.
    #[test]
    fn the_form_is_that_of_zlib_with_a_preset_dictionary() {
        let packed = [
            0x2b, 0xcf, 0x48, 0x2c, 0x51, 0x28, 0x41, 0x13, 0x54, 0xc8, 0x2c, 0x56, 0xc0, 0x2a,
            0x01, 0x00,
        ];
        assert_eq!(
            unpack_behind(b"the carrier says", &packed).unwrap(),
            b"what the carrier says is what the carrier says"
        );
    }
}
