//! Properties of the numbers; that they are those of ArviZ is tested through Python.

use proptest::prelude::*;

use super::*;

const CHAINS: usize = 4;

/// Numbers of one variable for each of some draws.
fn numbers(values: &[f64], num_draws: usize, quantities: &[Quantity]) -> Vec<f64> {
    let shape = [values.len() / num_draws, num_draws, 1];
    let draws = Draws::new(values, shape, [num_draws, 1, 1]).unwrap();
    let found = diagnose(&[draws], quantities, 1);
    found.into_iter().map(|column| column[0]).collect()
}

fn close(a: &[f64], b: &[f64]) -> bool {
    a.iter()
        .zip(b)
        .all(|(a, b)| (a - b).abs() <= 1e-9 * a.abs() || (a.is_nan() && b.is_nan()))
}

const RANKED: [Quantity; 2] = [Quantity::EssBulk, Quantity::EssTail];

proptest! {
    #[test]
    fn growing_functions_keep_ranks(values in prop::collection::vec(-3.0..3.0, 200)) {
        let mapped: Vec<f64> = values.iter().map(|x: &f64| x.exp()).collect();
        prop_assert!(close(&numbers(&values, 50, &RANKED), &numbers(&mapped, 50, &RANKED)));
    }

    #[test]
    fn scale_does_not_matter(values in prop::collection::vec(-3.0..3.0, 200)) {
        let scaled = |numbers: &[f64]| -> Vec<f64> { numbers.iter().map(|x| 8.0 * x).collect() };
        let free = [Quantity::Rhat, Quantity::EssBulk, Quantity::EssMean, Quantity::EssSd];
        prop_assert_eq!(numbers(&values, 50, &free), numbers(&scaled(&values), 50, &free));
        let errors = [Quantity::McseMean, Quantity::McseSd, Quantity::Sd];
        let expected = scaled(&numbers(&values, 50, &errors));
        prop_assert!(close(&expected, &numbers(&scaled(&values), 50, &errors)));
    }

    #[test]
    fn the_place_does_not_matter(values in prop::collection::vec(-3.0..3.0, 200)) {
        let moved: Vec<f64> = values.iter().map(|x| x + 1.0).collect();
        let free = [Quantity::EssMean, Quantity::EssSd, Quantity::McseMean, Quantity::Sd];
        prop_assert!(close(&numbers(&values, 50, &free), &numbers(&moved, 50, &free)));
    }

    #[test]
    fn the_order_of_chains_does_not_matter(values in prop::collection::vec(-3.0..3.0, 200)) {
        let mut turned = values.clone();
        turned.rotate_left(50);
        let found = numbers(&values, 50, &Quantity::ALL);
        prop_assert!(close(&found, &numbers(&turned, 50, &Quantity::ALL)));
    }

    #[test]
    fn threads_blocks_and_neighbours_do_not_matter(
        values in prop::collection::vec(-3.0..3.0, CHAINS * 11 * 23),
        num_threads in 1..5_usize,
    ) {
        let together = Draws::new(&values, [CHAINS, 11, 23], [11 * 23, 23, 1]).unwrap();
        let found = diagnose(&[together], &Quantity::ALL, num_threads);
        for variable in 0..23 {
            let alone = &values[variable..];
            let alone = Draws::new(alone, [CHAINS, 11, 1], [11 * 23, 23, 1]).unwrap();
            let expected = diagnose(&[alone], &Quantity::ALL, 1);
            for (column, expected) in found.iter().zip(&expected) {
                prop_assert_eq!(column[variable].to_bits(), expected[0].to_bits());
            }
        }
    }

    #[test]
    fn what_is_asked_for_together_does_not_matter(
        values in prop::collection::vec(-3.0..3.0, 4 * 9),
        order in Just(Quantity::ALL.to_vec()).prop_shuffle(),
    ) {
        let found = numbers(&values, 9, &order);
        for (quantity, number) in order.iter().zip(found) {
            let alone = numbers(&values, 9, &[*quantity])[0];
            prop_assert_eq!(number.to_bits(), alone.to_bits(), "{:?}", quantity);
        }
    }
}

#[test]
fn arrays_of_several_sizes_are_diagnosed_together() {
    let data: Vec<f64> = (0..60).map(|i| f64::from(i * 37 % 61)).collect();
    let wide = Draws::new(&data, [2, 10, 3], [30, 3, 1]).unwrap();
    let single = Draws::new(&data, [3, 20, 1], [20, 1, 1]).unwrap();
    let none = Draws::new(&[], [2, 10, 0], [0, 0, 1]).unwrap();
    let found = diagnose(&[wide, none, single], &[Quantity::EssBulk], 2);
    let alone = |draws| diagnose(&[draws], &[Quantity::EssBulk], 1).remove(0);
    assert_eq!(found[0], [alone(wide), alone(single)].concat());
}

#[test]
fn too_little_to_say_anything() {
    let few = numbers(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, &Quantity::ALL);
    assert!(few[..8].iter().all(|number| number.is_nan()));
    assert_eq!(few[8..], [1.0, 6.0]);
    let mut missing = [1.0; 8];
    missing[5] = f64::NAN;
    assert!(
        numbers(&missing, 4, &Quantity::ALL)
            .iter()
            .all(|number| number.is_nan())
    );
    let empty = Draws::new(&[], [4, 0, 2], [0, 2, 1]).unwrap();
    let found = diagnose(&[empty], &Quantity::ALL, 1);
    assert!(found.iter().flatten().all(|number| number.is_nan()));
}

#[test]
fn a_constant_has_no_rhat_and_counts_each_draw() {
    let found = numbers(&[7.0; 40], 10, &Quantity::ALL);
    assert!(found[0].is_nan());
    assert_eq!(found[1..5], [40.0; 4]);
    assert_eq!(found[8..], [7.0, 7.0]);
}

#[test]
fn a_single_chain_has_sizes_but_no_rhat() {
    let values: Vec<f64> = (0..40).map(|i| f64::from(i * 37 % 41)).collect();
    let found = numbers(&values, 40, &[Quantity::Rhat, Quantity::EssBulk]);
    assert!(found[0].is_nan() && found[1] > 1.0);
}
