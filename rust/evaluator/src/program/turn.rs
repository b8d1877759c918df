//! Rows and columns of a loop nest trade places where rows are short.
//!
//! Every instruction starts anew with each row: a register that is not full, a repeated number to
//! spread, a sum to end. With 400 rows of 5 it pays to walk 5 rows of 400, for which known arrays
//! are copied the other way around.

use super::layout::Layout;
use super::memory::Ref;
use super::space::{Access, Space};

/// Rows longer than this are long enough.
const SHORT: usize = 64;

/// Turns a space, and with it all accesses, if that pays and all arrays allow it; says whether.
///
/// Arrays with both axes must be known; what the nest itself writes in full must not exist.
pub(super) fn turn(space: &mut Space, accesses: &mut [Access], layout: &mut Layout) -> bool {
    let (rows, cols) = (space.rows, space.cols);
    if !space.outer.is_empty() || !(2..=SHORT).contains(&cols) || rows < 2 * cols {
        return false;
    }
    let whole = [cols.cast_signed(), 1];
    let can = |a: &Access| a.strides.contains(&0) || (a.strides == whole && a.at.is_data());
    if !accesses.iter().all(can) {
        return false;
    }
    for access in accesses {
        if let (false, Ref::Data(at)) = (access.strides.contains(&0), access.at) {
            access.at = Ref::Data(layout.turned(at, rows, cols));
            access.strides = vec![1, rows.cast_signed()];
        }
        access.strides.swap(0, 1);
    }
    space.turn();
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::kernels::Isa;
    use crate::program::schedule::Schedule;

    fn access(at: Ref, strides: [isize; 2]) -> Access {
        Access {
            at,
            strides: strides.to_vec(),
        }
    }

    fn turned(rows: usize, cols: usize, accesses: &mut [Access]) -> (bool, Space) {
        let g = Graph::new(Isa::available()[0]);
        let mut layout = Layout::new(&g, &Schedule::new(&g, &[]));
        let mut space = Space::merge(&[rows, cols], accesses);
        (turn(&mut space, accesses, &mut layout), space)
    }

    #[test]
    fn short_rows_become_long_ones() {
        let (each, all) = (Ref::Arena(3), Ref::Arena(500));
        let mut accesses = [access(each, [0, 1]), access(all, [1, 0])];
        let (done, space) = turned(400, 5, &mut accesses);
        assert!(done && (space.rows, space.cols, space.tile) == (5, 400, 1));
        assert_eq!(accesses, [access(each, [1, 0]), access(all, [0, 1])]);
    }

    #[test]
    fn long_rows_and_arrays_that_change_stay() {
        let broadcast = access(Ref::Arena(0), [0, 1]);
        assert!(
            !turned(
                400,
                100,
                &mut [broadcast.clone(), access(Ref::Arena(9), [1, 0])]
            )
            .0
        );
        assert!(
            !turned(
                6,
                5,
                &mut [broadcast.clone(), access(Ref::Arena(9), [1, 0])]
            )
            .0
        );
        assert!(!turned(400, 5, &mut [broadcast, access(Ref::Arena(9), [5, 1])]).0);
    }
}
