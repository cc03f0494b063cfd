//! States that wait to be left, first in, first out, each number in as few bytes as it needs.

use std::collections::VecDeque;

/// States that are left together. Fixed, so that it is decided where a search ends that finds something.
pub(super) const BLOCK: usize = 4_096;

/// States in bytes: how many words each has, and the words, seven bits a byte.
#[derive(Default)]
pub(super) struct Packed {
    bytes: Vec<u8>,
    len: usize,
}

/// States in words, ready to be left.
#[derive(Default)]
pub(super) struct Block {
    words: Vec<u32>,
    ends: Vec<u32>,
    /// The number of the first one.
    pub(super) first: u32,
}

/// The states of one depth. All blocks but the last one are full.
#[derive(Default)]
pub(super) struct Layer {
    blocks: VecDeque<Packed>,
    len: usize,
}

impl Packed {
    pub(super) fn push(&mut self, words: &[u32]) {
        put(&mut self.bytes, words.len() as u32);
        for &word in words {
            put(&mut self.bytes, word);
        }
        self.len += 1;
    }
}

impl Block {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, at: u32) -> &[u32] {
        let at = at as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.words[start as usize..self.ends[at] as usize]
    }

    fn unpack(&mut self, packed: &Packed) {
        self.words.clear();
        self.ends.clear();
        let mut bytes = packed.bytes.as_slice();
        while let Some(count) = take(&mut bytes) {
            self.words.extend((0..count).map_while(|_| take(&mut bytes)));
            self.ends.push(self.words.len() as u32);
        }
    }
}

impl Layer {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// How many states go into the block that is open.
    pub(super) fn room(&self) -> usize {
        self.blocks.back().map_or(BLOCK, |open| if open.len == BLOCK { BLOCK } else { BLOCK - open.len })
    }

    /// Adds states; as many as there is room for.
    pub(super) fn push(&mut self, mut packed: Packed) {
        self.len += packed.len;
        match self.blocks.back_mut().filter(|open| open.len < BLOCK) {
            Some(open) => {
                debug_assert!(open.len + packed.len <= BLOCK, "as many as there is room for");
                open.bytes.append(&mut packed.bytes);
                open.len += packed.len;
            }
            None => self.blocks.push_back(packed),
        }
        if let Some(full) = self.blocks.back_mut().filter(|open| open.len == BLOCK) {
            full.bytes.shrink_to_fit();
        }
    }

    /// Takes the first block out; `first` is the number of its first state.
    pub(super) fn pop(&mut self, first: u32, block: &mut Block) {
        let packed = self.blocks.pop_front().unwrap_or_default();
        self.len -= packed.len;
        block.unpack(&packed);
        block.first = first;
    }

    pub(super) fn bytes(&self) -> usize {
        self.blocks.iter().map(|packed| packed.bytes.capacity() + size_of::<Packed>()).sum()
    }
}

/// Writes a number, the lowest seven bits first.
pub(super) fn put(bytes: &mut Vec<u8>, mut number: u32) {
    while number > 0x7F {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads a number.
pub(super) fn take(bytes: &mut &[u8]) -> Option<u32> {
    let (mut number, mut shift) = (0, 0);
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u32::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(number);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: states come out as they went in, in order, in blocks of the same size whatever the pieces were.
    #[test]
    fn states_come_out_as_they_went_in() {
        let state =
            |number: u32| vec![number, number << 8, u32::MAX - number, 127, 128][..(number % 6) as usize].to_vec();
        let (mut layer, mut block, mut number) = (Layer::default(), Block::default(), 0);
        for piece in (0..40).map(|it| it * 37) {
            let mut left = piece;
            while left > 0 {
                let mut packed = Packed::default();
                for _ in 0..left.min(layer.room()) {
                    packed.push(&state(number));
                    number += 1;
                    left -= 1;
                }
                layer.push(packed);
            }
        }
        assert_eq!(layer.len(), number as usize);
        let mut first = 0;
        while layer.len() > 0 {
            layer.pop(first, &mut block);
            assert!(block.len() == BLOCK || layer.len() == 0);
            (0..block.len() as u32).for_each(|at| assert_eq!(block.get(at), state(first + at)));
            first += block.len() as u32;
        }
        assert_eq!(first, number);
    }
}
