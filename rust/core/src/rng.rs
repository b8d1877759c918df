//! Random numbers: one stream per chain from one seed.
//!
//! Chain `i` of a run with seed `s` draws from stream `i` of the ChaCha generator keyed by `s`, and
//! from nothing else. Its draws therefore depend on the build, the target, the seed and the
//! settings, but neither on the number of chains nor on the number of threads.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The generator of a chain. Cloning it copies its place in the stream.
pub type ChainRng = ChaCha8Rng;

/// The generator of chain number `chain` in a run with this seed.
pub fn chain_rng(seed: u64, chain: usize) -> ChainRng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(chain as u64);
    rng
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
}
