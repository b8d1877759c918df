//! Draws in somebody else's memory, in any order of the axes.

/// Draws of scalar variables, seen as an array with axes (chain, draw, variable).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draws<'a> {
    data: &'a [f64],
    shape: [usize; 3],
    strides: [usize; 3],
}

impl<'a> Draws<'a> {
    /// Looks at `data` as an array of `shape`, whose neighbours along an axis are as many numbers
    /// apart as `strides` says; None when the array reaches beyond the data.
    pub fn new(data: &'a [f64], shape: [usize; 3], strides: [usize; 3]) -> Option<Self> {
        let last = shape
            .iter()
            .zip(strides)
            .try_fold(0_usize, |end, (length, stride)| {
                end.checked_add(length.saturating_sub(1).checked_mul(stride)?)
            })?;
        (shape.contains(&0) || last < data.len()).then_some(Self {
            data,
            shape,
            strides,
        })
    }

    /// Number of chains.
    pub fn num_chains(&self) -> usize {
        self.shape[0]
    }

    /// Number of draws of each chain.
    pub fn num_draws(&self) -> usize {
        self.shape[1]
    }

    /// Number of variables.
    pub fn num_variables(&self) -> usize {
        self.shape[2]
    }

    /// Number of draws of one variable in all chains.
    pub(super) fn num_numbers(&self) -> usize {
        self.shape[0] * self.shape[1]
    }

    /// The same without the middle draw of an odd number.
    pub(super) fn num_split(&self) -> usize {
        self.shape[0] * (self.shape[1] / 2 * 2)
    }

    /// The array in parts of at most `length` variables.
    pub(super) fn chunks(self, length: usize) -> impl Iterator<Item = Self> {
        (0..self.num_variables())
            .step_by(length)
            .map(move |first| self.variables(first, length))
    }

    /// At most `length` variables from number `first` on.
    fn variables(mut self, first: usize, length: usize) -> Self {
        let [num_chains, num_draws, num_variables] = self.shape;
        self.shape[2] = length.min(num_variables - first);
        let is_empty = num_chains == 0 || num_draws == 0;
        self.data = &self.data[if is_empty { 0 } else { first * self.strides[2] }..];
        self
    }

    /// Copies variables side by side into columns, each chain after chain.
    ///
    /// One pass over the memory, in which neighbours share a cache line.
    pub(super) fn copy_to(&self, columns: &mut Vec<Vec<f64>>) {
        let [num_chains, num_draws, num_variables] = self.shape;
        columns.resize_with(num_variables, Vec::new);
        columns.iter_mut().for_each(Vec::clear);
        for chain in 0..num_chains {
            for draw in 0..num_draws {
                let row = &self.data[chain * self.strides[0] + draw * self.strides[1]..];
                for (variable, column) in columns.iter_mut().enumerate() {
                    column.push(row[variable * self.strides[2]]);
                }
            }
        }
    }
}

/// Cuts arrays into groups of at most `max_numbers` numbers (but a whole variable at least), in
/// order: whoever works on one group after the other can be interrupted between them.
pub fn pieces<'a>(draws: &[Draws<'a>], max_numbers: usize) -> Vec<Vec<Draws<'a>>> {
    let (mut groups, mut room) = (Vec::<Vec<Draws<'a>>>::new(), 0);
    for array in draws {
        let numbers = array.num_numbers().max(1);
        for part in array.chunks((max_numbers / numbers).max(1)) {
            let needed = numbers * part.num_variables();
            match groups.last_mut() {
                Some(group) if needed <= room => group.push(part),
                _ => {
                    room = max_numbers.max(needed);
                    groups.push(vec![part]);
                }
            }
            room -= needed;
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_of_axes_is_read() {
        let data: Vec<f64> = (0..24_u8).map(f64::from).collect();
        let mut columns = Vec::new();
        let draws = Draws::new(&data, [2, 3, 4], [12, 4, 1]).unwrap();
        draws.copy_to(&mut columns);
        assert_eq!(columns[1], [1.0, 5.0, 9.0, 13.0, 17.0, 21.0]);
        let transposed = Draws::new(&data, [4, 3, 2], [1, 4, 12]).unwrap();
        transposed.copy_to(&mut columns);
        assert_eq!(columns[1][..4], [12.0, 16.0, 20.0, 13.0]);
    }

    #[test]
    fn an_array_beyond_its_data_is_refused() {
        let data = [0.0; 6];
        assert!(Draws::new(&data, [1, 3, 2], [6, 2, 1]).is_some());
        assert!(Draws::new(&data, [1, 3, 3], [6, 2, 1]).is_none());
        assert!(Draws::new(&data, [2, usize::MAX, 2], [1, usize::MAX, 1]).is_none());
        assert!(Draws::new(&[], [4, 0, 7], [7, 7, 1]).is_some());
    }

    #[test]
    fn pieces_hold_all_variables_in_order() {
        let data = [0.0; 60];
        let wide = Draws::new(&data, [2, 3, 10], [30, 10, 1]).unwrap();
        let single = Draws::new(&data, [2, 3, 1], [3, 1, 1]).unwrap();
        let groups = pieces(&[wide, single, single], 24);
        let sizes: Vec<Vec<usize>> = groups
            .iter()
            .map(|group| group.iter().map(Draws::num_variables).collect())
            .collect();
        assert_eq!(sizes, [vec![4], vec![4], vec![2, 1, 1]]);
        assert_eq!(pieces(&[wide], 1).len(), 10);
    }
}
