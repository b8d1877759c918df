//! Running sums and products.

/// `out[i] = x[0] + ... + x[i]`
///
/// # Panics
/// Where the slices differ in length.
pub fn cumsum(x: &[f64], out: &mut [f64]) {
    run(x, out, 0.0, |a, b| a + b);
}

/// `out[i] = x[0] * ... * x[i]`
///
/// # Panics
/// Where the slices differ in length.
pub fn cumprod(x: &[f64], out: &mut [f64]) {
    run(x, out, 1.0, |a, b| a * b);
}

fn run(x: &[f64], out: &mut [f64], start: f64, join: impl Fn(f64, f64) -> f64) {
    assert_eq!(
        x.len(),
        out.len(),
        "the slices of a kernel differ in length"
    );
    let mut total = start;
    for (x, out) in x.iter().zip(out) {
        total = join(total, *x);
        *out = total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_cases() {
        let mut out = [0.0; 3];
        cumsum(&[1.0, 2.0, 4.0], &mut out);
        assert_eq!(out, [1.0, 3.0, 7.0]);
        cumprod(&[3.0, 2.0, 4.0], &mut out);
        assert_eq!(out, [3.0, 6.0, 24.0]);
    }
}
