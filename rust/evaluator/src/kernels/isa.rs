//! Which instruction set the kernels run on: found at run time, or named by `RUFOUS_ISA`.

use super::lanes::{Kernel, Lanes, ScalarLanes};

/// Environment variable that names the instruction set to use.
pub const ISA_VARIABLE: &str = "RUFOUS_ISA";

/// An instruction set that this machine has.
///
/// A value is proof: it can only be made by asking the machine, so kernels that take one are safe
/// to call. Results of one instruction set are the same bits everywhere; between instruction sets
/// they differ by the few ulp stated for each kernel, because sums are taken in another order and
/// because only some machines fuse a product with a sum.
#[derive(Clone, Copy, Debug)]
pub struct Isa(Token);

/// The proofs, best last.
#[derive(Clone, Copy, Debug)]
enum Token {
    Scalar(ScalarLanes),
    #[cfg(target_arch = "aarch64")]
    Neon(pulp::aarch64::Neon),
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
}

/// The instruction set asked for cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{ISA_VARIABLE}` must name an instruction set of this machine ({available}), got {got:?}")]
pub struct IsaError {
    /// The name asked for.
    pub got: String,
    /// Names that would do, separated by commas.
    pub available: String,
}

impl Isa {
    /// All that this machine has, best first; plain Rust ("scalar") is always the last.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut found = vec![Self(Token::Scalar(ScalarLanes))];
        #[cfg(target_arch = "aarch64")]
        found.extend(pulp::aarch64::Neon::try_new().map(|token| Self(Token::Neon(token))));
        #[cfg(target_arch = "x86_64")]
        {
            found.extend(pulp::x86::V3::try_new().map(|token| Self(Token::Avx2(token))));
            found.extend(pulp::x86::V4::try_new().map(|token| Self(Token::Avx512(token))));
        }
        found.reverse();
        found
    }

    /// The best that this machine has.
    #[must_use]
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// The one with this name.
    ///
    /// # Errors
    /// [`IsaError`] where the name is unknown or the machine lacks the instructions.
    pub fn parse(name: &str) -> Result<Self, IsaError> {
        let available = Self::available();
        let found = available.iter().find(|isa| isa.name() == name).copied();
        found.ok_or_else(|| IsaError {
            got: name.to_owned(),
            available: available
                .iter()
                .map(|isa| isa.name())
                .collect::<Vec<_>>()
                .join(", "),
        })
    }

    /// The one named by the environment variable `RUFOUS_ISA`, or the best where it is not set.
    ///
    /// # Errors
    /// [`IsaError`] where the name is unknown or the machine lacks the instructions.
    pub fn from_env() -> Result<Self, IsaError> {
        match std::env::var(ISA_VARIABLE) {
            Ok(name) if !name.is_empty() => Self::parse(&name),
            _ => Ok(Self::best()),
        }
    }

    /// `"avx512"`, `"avx2"`, `"neon"` or `"scalar"`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            Token::Scalar(_) => "scalar",
            #[cfg(target_arch = "aarch64")]
            Token::Neon(_) => "neon",
            #[cfg(target_arch = "x86_64")]
            Token::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Token::Avx512(_) => "avx512",
        }
    }

    /// Numbers handled by one instruction.
    #[must_use]
    pub fn lanes(self) -> usize {
        struct Count;
        impl Kernel for Count {
            type Output = usize;
            #[inline(always)]
            fn run<S: Lanes>(self, _: S) -> usize {
                S::N
            }
        }
        self.run(Count)
    }

    /// Runs a kernel compiled for this instruction set.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Token::Scalar(token) => token.dispatch(kernel),
            #[cfg(target_arch = "aarch64")]
            Token::Neon(token) => token.dispatch(kernel),
            #[cfg(target_arch = "x86_64")]
            Token::Avx2(token) => token.dispatch(kernel),
            #[cfg(target_arch = "x86_64")]
            Token::Avx512(token) => token.dispatch(kernel),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalar_is_always_there() {
        assert_eq!(Isa::parse("scalar").unwrap().lanes(), 1);
    }

    #[test]
    fn names_round_trip() {
        for isa in Isa::available() {
            assert_eq!(Isa::parse(isa.name()).unwrap().name(), isa.name());
        }
    }

    #[test]
    fn unknown_name_lists_what_there_is() {
        let message = Isa::parse("mmx").unwrap_err().to_string();
        assert!(
            message.contains("RUFOUS_ISA") && message.contains("scalar"),
            "{message}"
        );
    }
}
