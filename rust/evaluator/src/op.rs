//! The operations of the graph.

use crate::shape::Strided;

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum UnaryOp {
    Neg,
    Abs,
    Sign,
    Ceil,
    Floor,
    Trunc,
    RoundHalfEven,
    RoundHalfAway,
    Sqr,
    Sqrt,
    Reciprocal,
    Exp,
    Expm1,
    Log,
    Log1p,
    Log2,
    Log10,
    Log1mExp,
    Softplus,
    Sigmoid,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Lgamma,
    Digamma,
    Trigamma,
    Erf,
    Erfc,
    Erfcx,
    LogErfc,
    I0,
    I1,
    /// `exp(-|x|) I0(x)`
    I0e,
    /// `exp(-|x|) I1(x)`
    I1e,
    IsNan,
    IsInf,
    Not,
    /// The nearest `f32`.
    ToSingle,
    /// The number itself, held constant by the gradient.
    Detach,
}

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    Max,
    Min,
    Atan2,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    And,
    Or,
    Xor,
    LogAddExp,
    /// The regularised lower incomplete gamma function.
    GammaInc,
    /// The regularised upper one.
    GammaIncC,
    /// `exp(-|x|) I_n(x)` of order `n`, the first input.
    Ive,
}

impl BinaryOp {
    /// Whether the order of the inputs does not matter.
    pub(crate) fn commutes(self) -> bool {
        matches!(
            self,
            Self::Add
                | Self::Mul
                | Self::Max
                | Self::Min
                | Self::Eq
                | Self::Ne
                | Self::And
                | Self::Or
                | Self::Xor
                | Self::LogAddExp
        )
    }

    /// Whether the result is a truth value.
    pub(crate) fn is_truth(self) -> bool {
        use BinaryOp::{And, Eq, Ge, Gt, Le, Lt, Ne, Or, Xor};
        matches!(self, Lt | Le | Gt | Ge | Eq | Ne | And | Or | Xor)
    }
}

/// A rare function of one or several numbers, computed one result at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SingleOp {
    /// The regularised incomplete beta function, and its derivatives by each argument.
    BetaInc,
    BetaIncByA,
    BetaIncByB,
    BetaIncByX,
    /// The inverse of it in its last argument.
    BetaIncInv,
    /// The derivative of the lower incomplete gamma function by the shape.
    GammaIncByShape,
    GammaIncInv,
    GammaIncCInv,
    ErfInv,
    ErfcInv,
    /// The normal quantile of a probability given by its logarithm.
    NdtriExp,
    OwensT,
    /// The derivative of a whole order of the digamma function; the order comes first.
    PolyGamma,
    /// `exp(-|x|) I_v(x)` of any order.
    Ive,
    /// `exp(x) K_v(x)`; the order comes first.
    Kve,
}

/// What a node computes from its inputs. All numbers are `f64`: truth values are 0 and 1, and
/// integers are exact up to 2^53.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    /// A number, by its bits.
    Scalar(u64),
    /// An array known at bind time: an entry of the table of the graph.
    Data(u32),
    /// A slice of the position, starting here.
    Param(usize),
    /// An input of the program of a loop.
    Input(u32),
    /// A function of each element.
    Unary(UnaryOp),
    /// A function of pairs of elements, broadcast.
    Binary(BinaryOp),
    /// A function of one or several numbers that no loop nest knows; broadcast.
    Single(SingleOp),
    /// Where the first input is not zero the second, else the third; broadcast.
    Switch,
    /// Elements of a contiguous input, in the order of the strides.
    View(Strided),
    /// Zeros of the shape of the node with the input at the places that the view shows.
    Place(Strided),
    /// One number from each line along the axes, which vanish.
    Reduce(Reduction, Vec<usize>),
    /// Elements of the first input at the flat indices of the second, which is known.
    Gather,
    /// Zeros with the first input added at the flat indices of the second, which is known.
    Scatter,
    /// Rows of the first input (axis 0) at indices computed at run time.
    Take,
    /// Zeros with the rows of the first input added at indices computed at run time.
    TakeAdd,
    /// The inputs one after the other along an axis.
    Join(usize),
    /// Matrix product of the last two axes, with either matrix transposed first.
    MatMul(bool, bool),
    /// Product of a matrix, transposed or not, with a vector.
    MatVec(bool),
    /// Lower Cholesky factor of each matrix; NaN where a matrix is not positive definite.
    Cholesky,
    /// Cotangent of a matrix from its Cholesky factor and the cotangent of that, in the lower
    /// triangle.
    CholeskyPullback,
    /// Cotangent of a matrix, in the lower triangle, from its Cholesky factor and the cotangent of
    /// the diagonal of that.
    CholeskyDiagonalPullback,
    /// Solution of a triangular system.
    Solve(Triangle),
    /// Inverse of each matrix; NaN where it is singular.
    Inverse,
    /// Logarithm of the absolute value of the determinant.
    LogAbsDet,
    /// Sign of the determinant.
    DetSign,
    /// Eigenvalues of each symmetric matrix in a row above its eigenvectors, which are columns.
    Eigen,
    /// Exponential of each matrix.
    Exponential,
    /// Running sums or products along an axis, from the end when `reverse`.
    Cumulate {
        product: bool,
        axis: usize,
        reverse: bool,
    },
    /// Positions that sort the last axis.
    Argsort,
    /// Position of the first largest element of the last axis.
    Argmax,
    /// A loop: the outputs of all its steps in one line. An entry of the table of the graph.
    Scan(u32),
    /// The cotangents of the inputs of a loop in one line.
    ScanPullback(u32),
}

/// How a line of numbers becomes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reduction {
    Sum,
    Product,
    Max,
    Min,
}

impl Reduction {
    /// The value of an empty line.
    pub(crate) fn identity(self) -> f64 {
        match self {
            Self::Sum => 0.0,
            Self::Product => 1.0,
            Self::Max => f64::NEG_INFINITY,
            Self::Min => f64::INFINITY,
        }
    }

    /// One step along the line; NaN wins over every number.
    pub(crate) fn step(self, total: f64, x: f64) -> f64 {
        match self {
            Self::Sum => total + x,
            Self::Product => total * x,
            Self::Max => {
                if x > total || x.is_nan() {
                    x
                } else {
                    total
                }
            }
            Self::Min => {
                if x < total || x.is_nan() {
                    x
                } else {
                    total
                }
            }
        }
    }
}

/// Which triangular system: `op(A) x = b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Triangle {
    pub(crate) lower: bool,
    pub(crate) transposed: bool,
    pub(crate) unit_diagonal: bool,
}
