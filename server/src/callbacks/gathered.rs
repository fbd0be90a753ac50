use bytes::Bytes;

/// A body as it arrives: in blocks, of which none is moved when the next bytes come.
///
/// One buffer that grows would be copied into another of twice its size again and again, and leave
/// holes of all sizes behind: of bodies that never end, two and a half times as much memory would be
/// taken as they have bytes.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    blocks: Vec<Vec<u8>>,
    len: usize,
}

/// The largest block, in bytes. A body has at most that much room which it does not need, and never more
/// than it has bytes.
const LARGEST_BLOCK: usize = 65_536;

impl Gathered {
    /// How many bytes there are.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Takes the next bytes: into the last block as far as they fit, and into a new one.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let free = self
            .blocks
            .last()
            .map_or(0, |block| block.capacity().saturating_sub(block.len()));
        let (into_last, rest) = bytes.split_at_checked(free).unwrap_or((bytes, &[]));
        if let Some(block) = self.blocks.last_mut() {
            block.extend_from_slice(into_last);
        }
        if !rest.is_empty() {
            let size = self.len.min(LARGEST_BLOCK).max(rest.len());
            let mut block = Vec::with_capacity(size);
            block.extend_from_slice(rest);
            self.blocks.push(block);
        }
        self.len = self.len.saturating_add(bytes.len());
    }

    /// All of it in one piece. What arrived in one is not copied.
    pub(super) fn whole(mut self) -> Bytes {
        if self.blocks.len() <= 1 {
            return self.blocks.pop().unwrap_or_default().into();
        }
        let mut whole = Vec::with_capacity(self.len);
        // Each block is given back as soon as it has been copied.
        for block in self.blocks {
            whole.extend_from_slice(&block);
        }
        whole.into()
    }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::*;

    #[test]
    fn what_was_pushed_is_what_comes_out_and_takes_no_more_than_twice_the_room() {
        let mut rng = Rng::with_seed(12);
        for _ in 0..200 {
            let mut gathered = Gathered::default();
            let mut expected = Vec::new();
            for _ in 0..rng.usize(0..60) {
                let most = *rng.choice([1, 3, 500, 16_384, 200_000].as_slice()).unwrap();
                let part: Vec<u8> = (0..rng.usize(0..=most)).map(|_| rng.u8(..)).collect();
                gathered.push(&part);
                expected.extend_from_slice(&part);
                assert_eq!(gathered.len(), expected.len());
                let room: usize = gathered.blocks.iter().map(Vec::capacity).sum();
                let spare = room.saturating_sub(gathered.len());
                assert!(spare <= gathered.len().min(LARGEST_BLOCK));
            }
            assert_eq!(gathered.whole(), expected);
        }
    }
}
