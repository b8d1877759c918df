//! Values in order, with the places they came from; sorted once and used for everything.

/// Values in ascending order with their places.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    keys: Vec<u64>,
    /// The values.
    pub(super) values: Vec<f64>,
    /// Where each of them was.
    pub(super) places: Vec<usize>,
}

impl Sorted {
    /// Sorts `values`, none of which is NaN.
    ///
    /// The places take the lowest bits of the numbers that are sorted, which is twice as fast as to
    /// sort pairs. Values that differ in those bits only come out in any order, and are sorted again.
    pub(super) fn sort(&mut self, values: &[f64]) {
        let place_bits = (values.len() as u64).next_power_of_two() - 1;
        self.keys.clear();
        let keys = (0..).zip(values);
        self.keys
            .extend(keys.map(|(place, x)| (key(*x) & !place_bits) | place));
        self.keys.sort_unstable();
        self.places.clear();
        #[expect(clippy::cast_possible_truncation, reason = "an index of the values")]
        let places = self.keys.iter().map(|key| (key & place_bits) as usize);
        self.places.extend(places);
        self.take(values);
        if !self.values.is_sorted() {
            self.places
                .sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]));
            self.take(values);
        }
    }

    fn take(&mut self, values: &[f64]) {
        self.values.clear();
        self.values
            .extend(self.places.iter().map(|place| values[*place]));
    }

    /// The mean of the two values in the middle.
    pub(super) fn median(&self) -> f64 {
        let size = self.values.len();
        0.5 * (self.values[(size - 1) / 2] + self.values[size / 2])
    }

    /// The `p`-quantile, linear between neighbours (Hyndman and Fan's type 7).
    ///
    /// The order of operations is that of NumPy: on it depends, where the quantile falls on a draw,
    /// whether that draw counts as below.
    pub(super) fn quantile(&self, p: f64) -> f64 {
        let place = p * (self.values.len() as f64 - 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and a length"
        )]
        let below = place as usize;
        let (low, high) = (
            self.values[below],
            self.values[(below + 1).min(self.values.len() - 1)],
        );
        let weight = place - below as f64;
        if weight < 0.5 {
            low + (high - low) * weight
        } else {
            high - (high - low) * (1.0 - weight)
        }
    }

    /// Sorts the distances from `centre` of what `other` holds, by merging both sides.
    ///
    /// On either side of a centre, distances grow with the distance in order, so this is one pass.
    pub(super) fn fold(&mut self, other: &Self, centre: f64) {
        self.values.clear();
        self.places.clear();
        let split = other.values.partition_point(|x| *x < centre);
        let (lower, upper) = other.values.split_at(split);
        let (lower_places, upper_places) = other.places.split_at(split);
        let (mut left, mut right) = (lower.len(), 0);
        while left > 0 && right < upper.len() {
            let (below, above) = (centre - lower[left - 1], upper[right] - centre);
            let take_left = below < above;
            // No branch on what is random: it would be guessed wrong every other time.
            self.values.push(if take_left { below } else { above });
            let from = if take_left { left - 1 } else { split + right };
            self.places.push(other.places[from]);
            left -= usize::from(take_left);
            right += usize::from(!take_left);
        }
        let rest = lower[..left].iter().rev().map(|x| centre - x);
        self.values.extend(rest);
        self.values
            .extend(upper[right..].iter().map(|x| x - centre));
        self.places.extend(lower_places[..left].iter().rev());
        self.places.extend(&upper_places[right..]);
    }
}

/// An integer that sorts as the number does.
fn key(x: f64) -> u64 {
    let bits = x.to_bits();
    // Negative numbers count backwards, and come before the others.
    let is_negative = bits >> 63 == 1;
    if is_negative { !bits } else { bits | 1 << 63 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(values: &[f64]) -> Sorted {
        let mut sorted = Sorted::default();
        sorted.sort(values);
        sorted
    }

    #[test]
    fn quantiles_of_few_numbers() {
        let five = sorted(&[3.0, 1.0, 5.0, 2.0, 4.0]);
        assert_eq!(five.median(), 3.0);
        assert_eq!(
            [0.0, 0.125, 0.5, 1.0].map(|p| five.quantile(p)),
            [1.0, 1.5, 3.0, 5.0]
        );
        assert_eq!(sorted(&[1.0, 2.0, 7.0, 9.0]).median(), 4.5);
    }

    #[test]
    fn infinities_are_at_the_ends() {
        let values = [0.0, f64::INFINITY, -1.0, f64::NEG_INFINITY, -0.0];
        assert_eq!(sorted(&values).places[0], 3);
        assert_eq!(sorted(&values).places[4], 1);
    }

    #[test]
    fn values_that_differ_in_their_last_bits_are_told_apart() {
        let values: Vec<f64> = (0..100)
            .map(|i| 1.0 + f64::from(i * 37 % 101) * f64::EPSILON)
            .collect();
        assert!(sorted(&values).values.is_sorted());
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_numbers(
            values in prop::collection::vec(prop::num::f64::ANY, 0..300),
        ) {
            let values: Vec<f64> = values.into_iter().filter(|x| !x.is_nan()).collect();
            let found = sorted(&values);
            prop_assert!(found.values.is_sorted());
            let mut places = found.places.clone();
            places.sort_unstable();
            prop_assert_eq!(places, (0..values.len()).collect::<Vec<_>>());
            for (value, place) in found.values.iter().zip(&found.places) {
                prop_assert_eq!(value.to_bits(), values[*place].to_bits());
            }
        }

        #[test]
        fn folding_is_sorting_the_distances(
            values in prop::collection::vec(prop::num::i8::ANY.prop_map(f64::from), 1..60),
        ) {
            let order = sorted(&values);
            let centre = order.median();
            let mut folded = Sorted::default();
            folded.fold(&order, centre);
            let distances: Vec<f64> = values.iter().map(|x| (x - centre).abs()).collect();
            prop_assert_eq!(&folded.values, &sorted(&distances).values);
            for (value, place) in folded.values.iter().zip(&folded.places) {
                prop_assert_eq!(*value, distances[*place]);
            }
        }
    }
}
