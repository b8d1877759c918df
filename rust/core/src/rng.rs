//! Random numbers: one stream per chain from one seed.
//!
//! Chain `i` of a run with seed `s` draws from stream `i` of the ChaCha generator keyed by `s`, and
//! from nothing else. Its draws therefore depend on the build, the target, the seed and the
//! settings, but neither on the number of chains nor on the number of threads.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::record::{ReadResult, Reader, Record};

/// The generator of a chain. Cloning it copies its place in the stream.
pub type ChainRng = ChaCha8Rng;

/// The generator of chain number `chain` in a run with this seed.
pub fn chain_rng(seed: u64, chain: usize) -> ChainRng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(chain as u64);
    rng
}

impl Record for ChainRng {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.get_seed());
        self.get_stream().write(out);
        self.get_word_pos().write(out);
    }

    fn read(input: &mut Reader<'_>) -> ReadResult<Self> {
        let mut seed = [0; 32];
        seed.copy_from_slice(input.take(32)?);
        let mut rng = Self::from_seed(seed);
        rng.set_stream(u64::read(input)?);
        rng.set_word_pos(u128::read(input)?);
        Ok(rng)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn streams_are_repeatable_and_differ() {
        let numbers = |seed, chain| chain_rng(seed, chain).next_u64();
        assert_eq!(numbers(1, 0), numbers(1, 0));
        assert_ne!(numbers(1, 0), numbers(1, 1));
        assert_ne!(numbers(1, 0), numbers(2, 0));
    }

    #[test]
    fn a_place_in_the_stream_is_kept() {
        for skipped in [0, 1, 7, 63, 64, 65, 1000] {
            let mut rng = chain_rng(5, 3);
            for _ in 0..skipped {
                rng.next_u32();
            }
            let mut bytes = Vec::new();
            rng.write(&mut bytes);
            let mut back = ChainRng::read(&mut Reader::new(&bytes)).unwrap();
            assert_eq!(back, rng);
            for _ in 0..200 {
                assert_eq!(back.next_u64(), rng.next_u64());
            }
        }
    }
}
