//! Points, metrics and maps of phase space, for tests of integrators.

use crate::hamiltonian::Hamiltonian;
use crate::logdensity::LogDensity;
use crate::metric::{ChainMetric, DenseMetric, LowRankMetric, Metric};
use crate::point::{Evaluation, Point};

/// The point at `position` whose momentum is made of the standard normals `normals`.
///
/// # Panics
///
/// If the log density cannot be evaluated there.
pub fn place<M: Metric, L: LogDensity + ?Sized>(
    logdensity: &mut L,
    metric: &M,
    position: &[f64],
    normals: &[f64],
) -> Point {
    let dim = position.len();
    let mut state = Evaluation {
        position: position.to_vec(),
        gradient: vec![0.0; dim],
        logdensity: 0.0,
    };
    state.logdensity = logdensity
        .evaluate(position, &mut state.gradient)
        .expect("the test starts where there is a density");
    let mut point = Point {
        momentum: normals.into(),
        ..Point::new(dim)
    };
    point.keep_velocity(M::KEEPS_VELOCITY);
    let max_energy_error = 1000.0;
    Hamiltonian {
        metric,
        logdensity,
        max_energy_error,
    }
    .place(&state, &mut point);
    point
}

/// A low-rank metric that stretches the direction of all coordinates and shrinks another one.
///
/// It needs two scales at least.
pub fn low_rank_metric(scale: Vec<f64>) -> LowRankMetric {
    let dim = scale.len();
    let all = vec![(dim as f64).sqrt().recip(); dim];
    let mut across = vec![0.0; dim];
    across[0] = 0.5_f64.sqrt();
    across[1] = -across[0];
    LowRankMetric::new(scale, vec![0.3, 6.0], [across, all].concat())
}

/// A dense metric with correlations between neighbours.
pub fn dense_metric(scale: &[f64]) -> DenseMetric {
    let dim = scale.len();
    let factor = |k: usize| match (k / dim, k % dim) {
        (i, j) if i == j => scale[i],
        (i, j) if i == j + 1 => -0.4 * scale[i],
        _ => 0.0,
    };
    DenseMetric::new(dim, (0..dim * dim).map(factor).collect())
}

/// The determinant of the derivative of `map`, by central differences.
///
/// `map` takes a position and standard normals to a point. Both ends are measured in whitened
/// coordinates, so that the determinant is 1 if `map` preserves volume.
pub fn jacobian_determinant(
    metric: &ChainMetric,
    position: &[f64],
    normals: &[f64],
    mut map: impl FnMut(&[f64], &[f64]) -> Point,
) -> f64 {
    const H: f64 = 1e-5;
    let dim = position.len();
    let mut moved = |i: usize, by: f64| {
        let (mut position, mut normals) = (position.to_vec(), normals.to_vec());
        if i < dim {
            position[i] += by;
        } else {
            normals[i - dim] += by;
        }
        let mut end = map(&position, &normals);
        metric.whiten_gradient(&mut end.momentum);
        [&end.position[..], &end.momentum[..]].concat()
    };
    let mut row = |i: usize| -> Vec<f64> {
        let (up, down) = (moved(i, H), moved(i, -H));
        let differences = up.iter().zip(&down).map(|(up, down)| up - down);
        differences
            .map(|difference| difference / (2.0 * H))
            .collect()
    };
    determinant((0..2 * dim).map(&mut row).collect())
}

/// The determinant of a matrix of these rows, by elimination with row exchanges.
fn determinant(mut rows: Vec<Vec<f64>>) -> f64 {
    let mut product = 1.0;
    while let Some(width) = rows.first().map(Vec::len) {
        let larger = |i: &usize, j: &usize| rows[*i][0].abs().total_cmp(&rows[*j][0].abs());
        let pivot = (0..width).max_by(larger).unwrap_or(0);
        product *= if pivot == 0 { 1.0 } else { -1.0 };
        rows.swap(0, pivot);
        let first = rows.remove(0);
        product *= first[0];
        for row in &mut rows {
            let factor = row[0] / first[0];
            let rest = row.iter().zip(&first).skip(1);
            *row = rest.map(|(x, y)| x - factor * y).collect();
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn determinants_are_those_of_the_textbook() {
        let rows = vec![
            vec![0.0, 2.0, 1.0],
            vec![3.0, 1.0, -1.0],
            vec![1.0, 4.0, 2.0],
        ];
        assert!((determinant(rows) - -3.0).abs() < 1e-12);
    }
}
