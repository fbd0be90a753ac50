/// Whether all bytes of the text are allowed.
///
/// Goes over the text in pieces of 16 bytes, the last of which overlaps its neighbour rather than
/// leaving odd bytes, and without an early exit: each piece is then a few vector instructions.
#[inline(always)]
pub(crate) fn all(text: &[u8], allowed: impl Fn(u8) -> bool) -> bool {
    let Some(end) = text.last_chunk() else {
        return text.iter().all(|byte| allowed(*byte));
    };
    let mut good = [1_u8; 16];
    let mut look_at = |piece: &[u8; 16]| {
        for (good, byte) in good.iter_mut().zip(piece) {
            *good &= u8::from(allowed(*byte));
        }
    };
    let (pieces, _) = text.as_chunks();
    pieces.iter().for_each(&mut look_at);
    look_at(end);
    good == [1; 16]
}
