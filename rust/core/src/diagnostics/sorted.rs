//! Values in order, with the places they came from; sorted once and used for everything.

/// Values in ascending order with their places.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    keys: Vec<(i64, usize)>,
    /// The values.
    pub(super) values: Vec<f64>,
    /// Where each of them was.
    pub(super) places: Vec<usize>,
}

impl Sorted {
    /// Sorts `values`, none of which is NaN.
    pub(super) fn sort(&mut self, values: &[f64]) {
        self.keys.clear();
        let keyed = values.iter().enumerate().map(|(i, x)| (key(*x), i));
        self.keys.extend(keyed);
        self.keys.sort_unstable_by_key(|(key, _)| *key);
        self.places.clear();
        self.places.extend(self.keys.iter().map(|(_, place)| place));
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
        let distance = |i: usize| (other.values[i] - centre).abs();
        let mut right = other.values.partition_point(|x| *x < centre);
        let mut left = right;
        let size = other.values.len();
        while left > 0 || right < size {
            let take_left = right == size || (left > 0 && distance(left - 1) < distance(right));
            let taken = if take_left {
                left -= 1;
                left
            } else {
                right += 1;
                right - 1
            };
            self.values.push(distance(taken));
            self.places.push(other.places[taken]);
        }
    }
}

/// An integer that sorts as the number does.
fn key(x: f64) -> i64 {
    let bits = x.to_bits().cast_signed();
    // Negative numbers count backwards.
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
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

    proptest! {
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
