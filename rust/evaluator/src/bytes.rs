//! Reading little-endian numbers from bytes that may be damaged.

use crate::error::{EvaluatorError, Result};

/// A cursor over bytes; every read checks that there are enough left.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// The next `count` bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        if count > self.bytes.len() {
            return Err(EvaluatorError::format("the bytes end too early"));
        }
        let (taken, rest) = self.bytes.split_at(count);
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn i32(&mut self) -> Result<i32> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    pub(crate) fn i64(&mut self) -> Result<i64> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    /// A `u32` as a count or index.
    pub(crate) fn count(&mut self) -> Result<usize> {
        Ok(self.u32()? as usize)
    }

    /// An `i64` that must not be negative.
    pub(crate) fn length(&mut self) -> Result<usize> {
        usize::try_from(self.i64()?).map_err(|_| EvaluatorError::format("a length is negative"))
    }

    /// `count` numbers.
    pub(crate) fn floats(&mut self, count: usize) -> Result<Vec<f64>> {
        let size = count
            .checked_mul(8)
            .ok_or_else(|| EvaluatorError::format("a constant is too large"))?;
        let (chunks, _) = self.take(size)?.as_chunks::<8>();
        Ok(chunks.iter().map(|&c| f64::from_le_bytes(c)).collect())
    }

    /// A count and that many items.
    pub(crate) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        let count = self.count()?;
        // Do not trust the count with memory: an item takes at least one byte.
        let mut out = Vec::with_capacity(count.min(self.bytes.len()));
        for _ in 0..count {
            out.push(item(self)?);
        }
        Ok(out)
    }
}

/// The CRC-32 (IEEE 802.3) of some bytes.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let table = crc_table();
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (crc >> 8) ^ table[((crc ^ u32::from(byte)) & 0xff) as usize]
    })
}

#[allow(clippy::cast_possible_truncation)] // below 256
const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let mut c = n as u32;
        let mut bit = 0;
        while bit < 8 {
            c = if c & 1 == 1 {
                (c >> 1) ^ 0xedb8_8320
            } else {
                c >> 1
            };
            bit += 1;
        }
        table[n] = c;
        n += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_of_the_standard_check_string() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn short_input_is_an_error() {
        assert!(Reader::new(&[1, 2]).u32().is_err());
        assert!(Reader::new(&[255, 255, 255, 255]).list(Reader::u8).is_err());
    }
}
