//! Independent pieces of work, spread over threads, in an order that does not show.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, ScopedJoinHandle, scope};

/// Computes `work(0)` to `work(num_items - 1)` on at most `num_threads` threads, in order.
///
/// Each thread has a state of its own, made by `state`, for memory that is used again. The calling
/// thread works too, so that all is done even where the system gives no further thread.
///
/// # Panics
///
/// When `work` does.
pub(super) fn map<S, R: Send>(
    num_items: usize,
    num_threads: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(usize, &mut S) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work_off = || {
        let mut state = state();
        let mut done = Vec::new();
        loop {
            let item = next.fetch_add(1, Ordering::Relaxed);
            if item >= num_items {
                return done;
            }
            done.push((item, work(item, &mut state)));
        }
    };
    let mut results = scope(|scope| {
        let helpers: Vec<_> = (1..num_threads.min(num_items))
            .map_while(|_| Builder::new().spawn_scoped(scope, work_off).ok())
            .collect();
        let own = work_off();
        helpers
            .into_iter()
            .map(joined)
            .fold(own, |mut all, mut some| {
                all.append(&mut some);
                all
            })
    });
    results.sort_unstable_by_key(|(item, _)| *item);
    results.into_iter().map(|(_, result)| result).collect()
}

/// What a thread returned; its panic goes on here.
fn joined<R>(thread: ScopedJoinHandle<'_, R>) -> R {
    match thread.join() {
        Ok(result) => result,
        Err(payload) => std::panic::resume_unwind(payload),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order_for_any_number_of_threads() {
        let squares: Vec<usize> = (0..100).map(|i| i * i).collect();
        for num_threads in [0, 1, 3, 200] {
            assert_eq!(map(100, num_threads, || (), |i, ()| i * i), squares);
        }
        assert!(map(0, 4, || (), |i, ()| i).is_empty());
    }

    #[test]
    #[should_panic(expected = "seven")]
    fn a_panic_reaches_the_caller() {
        map(100, 3, || (), |i, ()| assert!(i != 7, "seven"));
    }
}
