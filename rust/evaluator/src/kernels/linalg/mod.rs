//! Dense linear algebra on row-major matrices: products, triangular systems, Cholesky and LU
//! factors, log-determinants, and the numerical part of their reverse rules.
//!
//! A matrix that cannot be factored is an ordinary outcome: the factor is filled with NaN, which
//! makes the log density NaN, and the caller is told.

mod cholesky;
mod cholesky_diagonal;
mod eigen;
mod exponential;
mod lu;
mod product;
mod rows;
mod tile;
mod triangular;
mod view;

pub use cholesky::{cholesky, cholesky_reverse};
pub use cholesky_diagonal::cholesky_diagonal_reverse;
pub use eigen::eigen_symmetric;
pub use exponential::expm;
pub use lu::{LuInfo, inverse, lu_factor, lu_solve};
pub use product::{gemv, gemv_add, gemv_t, gemv_t_add, matmul, matmul_add, rank1_add};
pub use triangular::{Triangle, log_det_triangular, solve_triangular};
pub use view::{MatrixMut, MatrixRef};
