//! What can go wrong between the bytes of a plan and a bound program.

/// Why a plan cannot be read, bound or evaluated natively.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluatorError {
    /// The bytes are no plan of this version.
    #[error("not a plan that this version can read: {reason}")]
    Format {
        /// What does not fit.
        reason: String,
    },
    /// The graph holds an operation that the native evaluator has not learnt.
    #[error("{op} (of {origin}) is not supported by the native evaluator: {reason}")]
    Unsupported {
        /// Name of the operation in the symbolic graph.
        op: String,
        /// The variable of the model that it was written for.
        origin: String,
        /// What about it is not supported.
        reason: String,
    },
    /// The data do not fit the plan.
    #[error("the data do not fit at '{origin}': {reason}")]
    Bind {
        /// The variable of the model, or the data, concerned.
        origin: String,
        /// What does not fit, and what would.
        reason: String,
    },
}

/// Result with an [`EvaluatorError`].
pub type Result<T> = std::result::Result<T, EvaluatorError>;

impl EvaluatorError {
    /// The bytes do not follow the format.
    pub(crate) fn format(reason: impl Into<String>) -> Self {
        Self::Format {
            reason: reason.into(),
        }
    }

    /// Unsupported, with the place to be filled in by who knows it.
    pub(crate) fn unsupported(op: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Unsupported {
            op: op.into(),
            origin: String::new(),
            reason: reason.into(),
        }
    }

    /// The data do not fit, with the place to be filled in by who knows it.
    pub(crate) fn bind(reason: impl Into<String>) -> Self {
        Self::Bind {
            origin: String::new(),
            reason: reason.into(),
        }
    }

    /// The same error with the variable of the model that it concerns, where none is named yet.
    pub(crate) fn at(self, place: &str) -> Self {
        match self {
            Self::Unsupported { op, origin, reason } if origin.is_empty() => Self::Unsupported {
                op,
                origin: place.to_owned(),
                reason,
            },
            Self::Bind { origin, reason } if origin.is_empty() => Self::Bind {
                origin: place.to_owned(),
                reason,
            },
            other => other,
        }
    }
}
