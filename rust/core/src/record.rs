//! A fixed layout of bytes for everything that a saved chain consists of.
//!
//! Numbers are little-endian, floats by their bits, sequences by their length and their elements;
//! nothing is tagged or aligned. What belongs together is checked by the envelope in
//! [`checkpoint`](crate::checkpoint).

use std::time::Duration;

/// Why bytes could not be read, in words that complete "the checkpoint ...".
pub(crate) type ReadResult<T> = Result<T, String>;

/// Something that can be written as bytes and read back bit for bit.
pub(crate) trait Record: Sized {
    /// Adds the bytes of `self`.
    fn write(&self, out: &mut Vec<u8>);

    /// Reads what [`write`](Self::write) wrote.
    fn read(input: &mut Reader<'_>) -> ReadResult<Self>;
}

/// Writes and reads a struct field by field, in the order given.
///
/// The struct is taken apart whole: a field that is added to it does not compile until it is named
/// here.
macro_rules! record {
    ($type:ty { $($field:ident),* $(,)? }) => {
        impl $crate::record::Record for $type {
            fn write(&self, out: &mut Vec<u8>) {
                let Self { $($field),* } = self;
                $($crate::record::Record::write($field, out);)*
            }

            fn read(input: &mut $crate::record::Reader<'_>) -> $crate::record::ReadResult<Self> {
                Ok(Self { $($field: $crate::record::Record::read(input)?),* })
            }
        }
    };
}
pub(crate) use record;

/// Bytes that are being read.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Takes the next `len` bytes.
    pub(crate) fn take(&mut self, len: usize) -> ReadResult<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or("ends too early")?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> ReadResult<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or("ends too early")?;
        self.rest = rest;
        Ok(*taken)
    }

    /// Reads the length of a sequence whose elements take at least one byte each.
    fn length(&mut self) -> ReadResult<usize> {
        let length = usize::read(self)?;
        if length > self.rest.len() {
            return Err("ends too early".to_owned());
        }
        Ok(length)
    }

    /// Checks that everything was read.
    pub(crate) fn finish(self) -> ReadResult<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(format!("has {} bytes too many", self.rest.len()))
    }
}

macro_rules! number {
    ($($type:ty),*) => {$(
        impl Record for $type {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn read(input: &mut Reader<'_>) -> ReadResult<Self> {
                input.array().map(Self::from_le_bytes)
            }
        }
    )*};
}
number!(u8, u32, u64, u128, i64, f64);

impl Record for usize {
    fn write(&self, out: &mut Vec<u8>) {
        (*self as u64).write(out);
    }

    fn read(input: &mut Reader<'_>) -> ReadResult<Self> {
        let number = u64::read(input)?;
        Self::try_from(number).map_err(|_| "is too large for this machine".to_owned())
    }
}

impl Record for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn read(input: &mut Reader<'_>) -> ReadResult<Self> {
        match input.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [other] => Err(format!("holds {other} where it should say yes or no")),
        }
    }
}

impl<T: Record> Record for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.len().write(out);
        for item in self {
            item.write(out);
        }
    }

    fn read(input: &mut Reader<'_>) -> ReadResult<Self> {
        let length = input.length()?;
        (0..length).map(|_| T::read(input)).collect()
    }
}

impl<T: Record> Record for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        if let Some(item) = self {
            item.write(out);
        }
    }

    fn read(input: &mut Reader<'_>) -> ReadResult<Self> {
        let some = bool::read(input)?;
        some.then(|| T::read(input)).transpose()
    }
}

impl Record for String {
    fn write(&self, out: &mut Vec<u8>) {
        self.len().write(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn read(input: &mut Reader<'_>) -> ReadResult<Self> {
        let length = input.length()?;
        let bytes = input.take(length)?.to_vec();
        Self::from_utf8(bytes).map_err(|_| "holds a text that is none".to_owned())
    }
}

impl Record for Duration {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_secs().write(out);
        self.subsec_nanos().write(out);
    }

    fn read(input: &mut Reader<'_>) -> ReadResult<Self> {
        let (seconds, nanos) = (u64::read(input)?, u32::read(input)?);
        if nanos >= 1_000_000_000 {
            return Err("holds a time that is none".to_owned());
        }
        Ok(Self::new(seconds, nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(record: &impl Record) -> Vec<u8> {
        let mut out = Vec::new();
        record.write(&mut out);
        out
    }

    fn read<T: Record>(bytes: &[u8]) -> ReadResult<T> {
        let mut reader = Reader::new(bytes);
        let record = T::read(&mut reader)?;
        reader.finish()?;
        Ok(record)
    }

    #[derive(Debug, Clone, PartialEq)]
    struct Sample {
        count: usize,
        numbers: Vec<f64>,
        text: Option<String>,
        flag: bool,
        time: Duration,
    }
    record!(Sample {
        count,
        numbers,
        text,
        flag,
        time
    });

    #[test]
    fn the_layout_is_fixed() {
        let sample = Sample {
            count: 258,
            numbers: vec![1.0],
            text: Some("é".to_owned()),
            flag: true,
            time: Duration::new(1, 2),
        };
        #[rustfmt::skip]
        let expected = [
            2, 1, 0, 0, 0, 0, 0, 0,
            1, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0xf0, 0x3f,
            1, 2, 0, 0, 0, 0, 0, 0, 0, 0xc3, 0xa9,
            1,
            1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0,
        ];
        assert_eq!(bytes(&sample), expected);
        assert_eq!(read(&expected), Ok(sample));
    }

    #[test]
    fn floats_keep_their_bits() {
        for bits in [
            f64::NAN.to_bits() | 7,
            (-0.0_f64).to_bits(),
            1,
            f64::NEG_INFINITY.to_bits(),
        ] {
            let back: f64 = read(&bytes(&f64::from_bits(bits))).unwrap();
            assert_eq!(back.to_bits(), bits);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(
            read::<bool>(&[2]),
            Err("holds 2 where it should say yes or no".to_owned())
        );
        assert_eq!(read::<u32>(&[1, 2]), Err("ends too early".to_owned()));
        assert_eq!(
            read::<u32>(&[1, 2, 3, 4, 5]),
            Err("has 1 bytes too many".to_owned())
        );
        // A length that no memory could hold must not be believed.
        assert_eq!(
            read::<Vec<f64>>(&[255; 8]),
            Err("ends too early".to_owned())
        );
        assert!(read::<String>(&[1, 0, 0, 0, 0, 0, 0, 0, 0xff]).is_err());
        assert!(read::<Duration>(&[255; 12]).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            count: usize, numbers: Vec<f64>, text: Option<String>, flag: bool, time: Duration,
        ) {
            let sample = Sample { count, numbers, text, flag, time };
            let written = bytes(&sample);
            prop_assert_eq!(bytes(&read::<Sample>(&written).unwrap()), written);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = read::<Sample>(&bytes);
        }
    }
}
