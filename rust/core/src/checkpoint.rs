//! Chains as bytes, so that they can go on elsewhere, bit for bit.
//!
//! ```text
//! "rufousCK" | version u32 | kind u32 | statistics u64 | length u64 | content | checksum u64
//! ```
//!
//! The checksum covers all that is before it, and `statistics` stands for the table of statistics.
//! The content is the fixed layout of [`record`](crate::record). Another version is refused: a
//! checkpoint carries a run over an interruption, results are what is kept.

use crate::chain::ChainState;
use crate::error::{Error, Result};
use crate::record::{ReadResult, Reader, Record};
use crate::settings::SampleSettings;
use crate::stats::STATISTICS;

const MAGIC: &[u8; 8] = b"rufousCK";
/// Grows with every change of the layout of anything that is saved.
const VERSION: u32 = 2;

/// What a checkpoint holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Chain = 1,
    Run = 2,
}

impl ChainState {
    /// Everything that the chain carries, as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        seal(Kind::Chain, |out| self.write(out))
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Checkpoint`] if the bytes are damaged, of another version, or of a chain with
    /// another number of parameters than `dim`.
    pub fn from_bytes(bytes: &[u8], dim: usize) -> Result<Self> {
        let read = || {
            let mut input = open(Kind::Chain, bytes)?;
            let state = Self::read(&mut input)?;
            input.finish()?;
            check_dim(state.current.position.len(), dim)?;
            Ok(state)
        };
        read().map_err(refused)
    }
}

/// Turns the reason why a checkpoint cannot be read into an error.
pub(crate) fn refused(reason: String) -> Error {
    Error::Checkpoint { reason }
}

/// Writes a checkpoint whose content is what `write` adds.
pub(crate) fn seal(kind: Kind, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    VERSION.write(&mut out);
    (kind as u32).write(&mut out);
    statistics_hash().write(&mut out);
    let length_at = out.len();
    0_u64.write(&mut out);
    write(&mut out);
    let length = out.len() - length_at - size_of::<u64>();
    out[length_at..][..size_of::<u64>()].copy_from_slice(&(length as u64).to_le_bytes());
    hash(&out).write(&mut out);
    out
}

/// Checks everything about a checkpoint but its content, which it returns.
pub(crate) fn open(kind: Kind, bytes: &[u8]) -> ReadResult<Reader<'_>> {
    let mut input = Reader::new(bytes);
    if input.take(MAGIC.len()).ok() != Some(MAGIC) {
        return Err("is none: it does not begin like one".to_owned());
    }
    let version = u32::read(&mut input)?;
    if version != VERSION {
        return Err(format!(
            "has version {version} and this build reads version {VERSION}; continue it with the \
             release that wrote it"
        ));
    }
    let (found, statistics) = (u32::read(&mut input)?, u64::read(&mut input)?);
    let length = usize::read(&mut input)?;
    let content = input.take(length)?;
    let checked = bytes.len() - size_of::<u64>();
    let checksum = u64::read(&mut input)?;
    input.finish()?;
    if checksum != hash(&bytes[..checked]) {
        return Err("is damaged: its checksum is wrong".to_owned());
    }
    if found != kind as u32 {
        return Err("is one of something else".to_owned());
    }
    if statistics != statistics_hash() {
        return Err("was written by a build with other statistics".to_owned());
    }
    Ok(Reader::new(content))
}

/// Checks the number of parameters.
pub(crate) fn check_dim(found: usize, dim: usize) -> ReadResult<()> {
    if found == dim {
        return Ok(());
    }
    Err(format!(
        "is of a model with {found} parameters, and this one has {dim}"
    ))
}

/// The settings on which draws depend, as text.
pub(crate) fn settings_text(settings: &SampleSettings) -> String {
    let settings = SampleSettings {
        num_threads: 1,
        num_draws: 1,
        ..settings.clone()
    };
    format!("{settings:?}")
}

/// Checks that the settings are those of the checkpoint, and says which is not.
pub(crate) fn check_settings(found: &str, settings: &SampleSettings) -> ReadResult<()> {
    let expected = settings_text(settings);
    if found == expected {
        return Ok(());
    }
    let differing = found
        .split(", ")
        .zip(expected.split(", "))
        .find(|(a, b)| a != b);
    let (then, now) = differing.unwrap_or((found, &expected));
    Err(format!(
        "was made with other settings: it has `{then}` where there is `{now}` now"
    ))
}

fn statistics_hash() -> u64 {
    let rows = STATISTICS
        .iter()
        .map(|row| format!("{} {}\n", row.name, row.dtype()));
    hash(rows.collect::<String>().as_bytes())
}

/// Fowler, Noll and Vo's hash (FNV-1a) of 64 bits.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed() -> Vec<u8> {
        seal(Kind::Run, |out| 42_u64.write(out))
    }

    fn reason(bytes: &[u8]) -> String {
        open(Kind::Run, bytes).err().unwrap_or_default()
    }

    #[test]
    fn what_is_sealed_can_be_opened() {
        let bytes = sealed();
        let mut content = open(Kind::Run, &bytes).ok().unwrap();
        assert_eq!(u64::read(&mut content), Ok(42));
        assert_eq!(content.finish(), Ok(()));
    }

    #[test]
    fn the_hash_is_that_of_the_literature() {
        assert_eq!(hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn every_damage_is_seen() {
        let bytes = sealed();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert_ne!(reason(&damaged), "", "byte {at}");
        }
        for length in 0..bytes.len() {
            assert_ne!(reason(&bytes[..length]), "", "length {length}");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert_ne!(reason(&longer), "");
    }

    #[test]
    fn refusals_say_why() {
        assert_eq!(
            reason(b"not a checkpoint"),
            "is none: it does not begin like one"
        );
        let mut other = sealed();
        other[8] = 9;
        assert!(reason(&other).starts_with("has version 9 and this build reads version 2"));
        let mut damaged = sealed();
        let last = damaged.len() - 1;
        damaged[last] ^= 1;
        assert_eq!(reason(&damaged), "is damaged: its checksum is wrong");
        let chain = seal(Kind::Chain, |_| {});
        assert_eq!(reason(&chain), "is one of something else");
    }

    #[test]
    fn settings_that_decide_draws_must_agree() {
        let settings = SampleSettings::default();
        let text = settings_text(&settings);
        let more = SampleSettings {
            num_draws: 7,
            num_threads: 3,
            ..settings.clone()
        };
        assert_eq!(check_settings(&text, &more), Ok(()));
        let other = SampleSettings {
            num_tune: 7,
            ..settings
        };
        assert_eq!(
            check_settings(&text, &other),
            Err(
                "was made with other settings: it has `num_tune: 500` where there is \
                 `num_tune: 7` now"
                    .to_owned()
            )
        );
    }
}
