//! Draws depend on target, seed and settings only; a saved chain continues bit for bit.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::{bits, chain_bits, sample};
use rufous_core::testing::{Counting, Funnel, StandardNormal, StudentT};
use rufous_core::{
    Chain, ChainState, DrawStats, IdentityExpand, InitSettings, LogDensity, MemorySink,
    SampleSettings, Stop,
};

fn settings() -> SampleSettings {
    SampleSettings {
        num_chains: 5,
        num_tune: 120,
        num_draws: 50,
        seed: 3,
        store_warmup: true,
        store_unconstrained: true,
        ..SampleSettings::default()
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let one = bits(&sample(Funnel { dim: 4 }, &settings()));
    for num_threads in 2..=7 {
        let many = SampleSettings {
            num_threads,
            ..settings()
        };
        assert!(
            one == bits(&sample(Funnel { dim: 4 }, &many)),
            "{num_threads} threads"
        );
    }
}

#[test]
fn chains_do_not_depend_on_the_number_of_chains() {
    let five = bits(&sample(StudentT { dim: 3, nu: 5.0 }, &settings()));
    for num_chains in 1..5 {
        let fewer = SampleSettings {
            num_chains,
            num_threads: 2,
            ..settings()
        };
        assert!(five[..num_chains] == bits(&sample(StudentT { dim: 3, nu: 5.0 }, &fewer)));
    }
}

#[test]
fn more_draws_continue_fewer() {
    let short = sample(StandardNormal { dim: 3 }, &settings());
    let more = SampleSettings {
        num_draws: 80,
        ..settings()
    };
    let long = sample(StandardNormal { dim: 3 }, &more);
    for (short, long) in short.chains.iter().zip(&long.chains) {
        assert_eq!(
            short.draws.values,
            long.draws.values[..short.draws.values.len()]
        );
    }
}

#[test]
fn another_seed_or_chain_gives_other_draws() {
    let one = bits(&sample(StandardNormal { dim: 2 }, &settings()));
    let other = SampleSettings {
        seed: 4,
        ..settings()
    };
    let other = bits(&sample(StandardNormal { dim: 2 }, &other));
    for i in 0..5 {
        assert_ne!(one[i], other[i]);
        assert_ne!(one[i], one[(i + 1) % 5]);
    }
}

#[test]
fn whether_warmup_is_stored_changes_no_draw() {
    let stored = sample(Funnel { dim: 3 }, &settings());
    let dropped = SampleSettings {
        store_warmup: false,
        ..settings()
    };
    let dropped = sample(Funnel { dim: 3 }, &dropped);
    for (stored, dropped) in stored.chains.iter().zip(&dropped.chains) {
        assert_eq!(stored.draws.values, dropped.draws.values);
        assert!(stored.warmup.is_some() && dropped.warmup.is_none());
    }
}

#[test]
fn every_evaluation_is_counted() {
    for num_tune in [0, 1, 2, 3, 4, 10, 100] {
        let target = Counting::new(Funnel { dim: 3 });
        let result = sample(
            target.clone(),
            &SampleSettings {
                num_tune,
                ..settings()
            },
        );
        let counted: u64 = result.chains.iter().map(|chain| chain.num_gradients).sum();
        assert_eq!(
            counted,
            target.count.load(Ordering::Relaxed),
            "num_tune = {num_tune}"
        );
    }
}

#[test]
fn without_jitter_and_search_gradients_are_the_start_and_the_steps() {
    let mut settings = settings();
    settings.init = InitSettings {
        jitter: 0.0,
        max_tries: 1,
        ..InitSettings::default()
    };
    settings.step_size.search = false;
    let result = sample(StandardNormal { dim: 2 }, &settings);
    for chain in &result.chains {
        let steps = [chain.warmup.as_ref().expect("it was stored"), &chain.draws]
            .map(|table| common::ints(table, "n_steps").iter().sum::<i64>());
        assert_eq!(
            chain.num_gradients,
            1 + steps.iter().sum::<i64>().cast_unsigned()
        );
    }
}

type TestChain = Chain<Funnel, IdentityExpand>;

const TARGET: Funnel = Funnel { dim: 3 };
static KEEP_GOING: AtomicBool = AtomicBool::new(false);

fn first_state(settings: &SampleSettings) -> ChainState {
    ChainState::start(&mut TARGET.clone(), 2, &[0.0; 3], settings, &KEEP_GOING)
        .expect("the funnel is finite everywhere")
}

fn resume(state: ChainState, settings: &SampleSettings) -> TestChain {
    Chain::resume(
        TARGET,
        IdentityExpand { dim: TARGET.dim() },
        state,
        settings.clone(),
    )
}

fn step(chain: &mut TestChain, sink: &mut MemorySink) -> DrawStats {
    chain.step(sink, &KEEP_GOING).expect("nothing can fail")
}

#[test]
fn a_saved_chain_continues_bit_for_bit() {
    let settings = settings();
    let mut sink = MemorySink::new(2, 3, 3, &settings).expect("little memory is needed");
    let mut whole = resume(first_state(&settings), &settings);
    let mut saved = Vec::new();
    while !whole.is_finished() {
        saved.push((whole.state().clone(), sink.clone()));
        step(&mut whole, &mut sink);
    }
    assert_eq!(saved.len(), 170);
    for (state, mut saved_sink) in saved {
        let mut continued = resume(state, &settings);
        while !continued.is_finished() {
            step(&mut continued, &mut saved_sink);
        }
        assert_eq!(continued.state(), whole.state());
        // As text, in which NaN is the same as NaN and no digit is lost.
        assert!(format!("{saved_sink:?}") == format!("{sink:?}"));
    }
}

#[test]
fn an_interrupted_transition_leaves_the_chain_as_it_was() {
    let settings = settings();
    let mut sink = MemorySink::new(2, 3, 3, &settings).expect("little memory is needed");
    let mut chain = resume(first_state(&settings), &settings);
    for _ in 0..130 {
        let before = chain.state().clone();
        let interrupted = chain.step(&mut sink, &AtomicBool::new(true));
        assert_eq!(interrupted.err(), Some(Stop::Interrupted));
        assert_eq!(*chain.state(), before);
        step(&mut chain, &mut sink);
    }
}

#[test]
fn chains_of_a_run_are_chains() {
    let settings = settings();
    let run = sample(TARGET, &settings);
    let mut sink = MemorySink::new(2, 3, 3, &settings).expect("little memory is needed");
    let mut chain = resume(first_state(&settings), &settings);
    while !chain.is_finished() {
        step(&mut chain, &mut sink);
    }
    let mut trace = run.chains[2].clone();
    let expected = chain_bits(&trace);
    (trace.warmup, trace.draws) = sink.into_tables();
    assert!(chain_bits(&trace) == expected);
}
