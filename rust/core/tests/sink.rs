//! What reaches a sink, and what the memory sink keeps.

mod common;

use std::sync::atomic::AtomicBool;

use common::{bools, floats, ints, sample};
use rufous_core::testing::{StandardNormal, StudentT};
use rufous_core::{
    Chain, ChainOutcome, ChainState, Draw, Error, EvalError, Expand, IdentityExpand, MemorySink,
    Result, STATISTICS, SampleSettings, Sink, StatField, Stop,
};

const TARGET: StandardNormal = StandardNormal { dim: 2 };
static KEEP_GOING: AtomicBool = AtomicBool::new(false);

fn settings() -> SampleSettings {
    SampleSettings {
        num_chains: 1,
        num_tune: 30,
        num_draws: 20,
        ..SampleSettings::default()
    }
}

fn chain<E: Expand>(expand: E, settings: &SampleSettings) -> Chain<StandardNormal, E> {
    let state = ChainState::start(&mut TARGET.clone(), 0, &[0.0; 2], settings, &KEEP_GOING)
        .expect("a normal has a density everywhere");
    Chain::resume(TARGET, expand, state, settings.clone())
}

/// Notes index and phase of the draws it gets, and refuses those after the first few.
struct Picky {
    seen: Vec<(usize, bool)>,
    limit: usize,
}

impl Sink for Picky {
    fn record(&mut self, draw: &Draw<'_>) -> Result<()> {
        if self.seen.len() == self.limit {
            return Err(Error::Storage {
                chain: 0,
                reason: "the disk is full".to_owned(),
            });
        }
        assert_eq!(draw.position, draw.values);
        self.seen.push((draw.index, draw.stats.tuning));
        Ok(())
    }
}

#[test]
fn draws_come_in_order_and_warmup_only_if_stored() {
    for store_warmup in [false, true] {
        let settings = SampleSettings {
            store_warmup,
            ..settings()
        };
        let mut sink = Picky {
            seen: Vec::new(),
            limit: usize::MAX,
        };
        let mut chain = chain(IdentityExpand { dim: 2 }, &settings);
        while !chain.is_finished() {
            chain
                .step(&mut sink, &KEEP_GOING)
                .expect("nothing can fail");
        }
        let warmup = (0..30).map(|index| (index, true)).filter(|_| store_warmup);
        let expected: Vec<_> = warmup.chain((0..20).map(|index| (index, false))).collect();
        assert_eq!(sink.seen, expected);
    }
}

#[test]
fn an_error_of_the_sink_ends_the_chain() {
    let mut sink = Picky {
        seen: Vec::new(),
        limit: 5,
    };
    let mut chain = chain(IdentityExpand { dim: 2 }, &settings());
    let stop = std::iter::repeat_with(|| chain.step(&mut sink, &KEEP_GOING))
        .take(50)
        .find_map(std::result::Result::err);
    let error = Error::Storage {
        chain: 0,
        reason: "the disk is full".to_owned(),
    };
    assert_eq!(stop, Some(Stop::Failed(error)));
}

#[test]
fn the_memory_sink_keeps_all_that_was_asked_for() {
    let all = SampleSettings {
        store_warmup: true,
        store_unconstrained: true,
        ..settings()
    };
    let result = sample(TARGET, &all);
    let trace = &result.chains[0];
    let warmup = trace.warmup.as_ref().expect("it was asked for");
    for (table, count, tuning) in [(warmup, 30, true), (&trace.draws, 20, false)] {
        assert_eq!((table.num_draws, table.num_values), (count, 2));
        assert_eq!(table.values.len(), 2 * count);
        assert_eq!(table.unconstrained.as_deref(), Some(&table.values[..]));
        assert_eq!(table.stats.len(), STATISTICS.len());
        assert!(
            table
                .stats
                .iter()
                .all(|column| column.len() == count && !column.is_empty())
        );
        assert!(bools(table, "tuning").iter().all(|flag| *flag == tuning));
    }
    let result = sample(TARGET, &settings());
    assert!(result.chains[0].warmup.is_none());
    assert!(result.chains[0].draws.unconstrained.is_none());
    assert!(result.chains[0].draws.stat("no such statistic").is_none());
}

#[test]
fn statistics_agree_with_each_other() {
    let settings = SampleSettings {
        num_draws: 300,
        store_warmup: true,
        ..settings()
    };
    let result = sample(StudentT { dim: 2, nu: 5.0 }, &settings);
    let draws = &result.chains[0].draws;
    for i in 0..300 {
        let at = |name| floats(draws, name)[i];
        let int_at = |name| ints(draws, name)[i];
        assert!(at("energy") >= -at("lp"));
        assert!(at("max_energy_error").abs() >= at("energy_error").abs());
        assert!(at("acceptance_rate") > 0.0 && at("acceptance_rate") <= 1.0);
        assert!((at("step_size") / at("step_size_bar") - 1.0).abs() <= 0.1 + 1e-12);
        assert_eq!(at("step_size_bar"), result.chains[0].step_size);
        assert!(int_at("n_steps") < 1 << (int_at("tree_depth") + 1));
        assert!(int_at("index_in_trajectory").abs() < 1 << int_at("tree_depth"));
        let moved = i == 0 || draws.values[2 * i..2 * i + 2] != draws.values[2 * i - 2..2 * i];
        assert!(i == 0 || moved == (int_at("index_in_trajectory") != 0));
    }
}

#[test]
fn statistics_have_names_types_and_texts() {
    let mut names: Vec<_> = STATISTICS.iter().map(|statistic| statistic.name).collect();
    assert!(
        STATISTICS
            .iter()
            .all(|statistic| statistic.doc.ends_with('.'))
    );
    for statistic in &STATISTICS {
        let dtype = match statistic.field {
            StatField::Float(_) => "float64",
            StatField::Int(_) => "int64",
            StatField::Bool(_) => "bool",
        };
        assert_eq!(statistic.dtype(), dtype);
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), STATISTICS.len());
}

/// Stores the sum, and fails in some way where that is positive.
struct Fussy(EvalError);

impl Expand for Fussy {
    fn num_values(&self) -> usize {
        1
    }

    fn expand(&mut self, position: &[f64], values: &mut [f64]) -> Result<(), EvalError> {
        values[0] = position.iter().sum();
        if values[0] > 0.0 {
            Err(self.0.clone())
        } else {
            Ok(())
        }
    }
}

#[test]
fn a_recoverable_failure_to_expand_is_a_row_of_nan_and_counted() {
    let settings = SampleSettings {
        num_draws: 200,
        store_unconstrained: true,
        ..settings()
    };
    let mut chain = chain(
        Fussy(EvalError::Recoverable("no root".to_owned())),
        &settings,
    );
    let mut sink = MemorySink::new(0, 2, 1, &settings).expect("little memory is needed");
    while !chain.is_finished() {
        chain
            .step(&mut sink, &KEEP_GOING)
            .expect("recoverable errors do not end a chain");
    }
    let (_, draws) = sink.into_tables();
    let positions = draws.unconstrained.expect("it was asked for");
    for (value, position) in draws.values.iter().zip(positions.chunks(2)) {
        assert_eq!(value.is_nan(), position.iter().sum::<f64>() > 0.0);
    }
    let failed = draws.values.iter().filter(|value| value.is_nan()).count();
    assert!(failed > 20 && chain.state().num_failed_expansions == failed);
}

#[test]
fn a_fatal_failure_to_expand_ends_the_chain() {
    let mut chain = chain(Fussy(EvalError::Fatal("no memory".to_owned())), &settings());
    let mut sink = MemorySink::new(0, 2, 1, &settings()).expect("little memory is needed");
    let stop = std::iter::repeat_with(|| chain.step(&mut sink, &KEEP_GOING))
        .take(50)
        .find_map(std::result::Result::err);
    assert!(matches!(
        stop,
        Some(Stop::Failed(Error::Expand {
            chain: 0,
            draw: 30..,
            ..
        }))
    ));
}

#[test]
fn more_memory_than_there_is_is_refused() {
    let settings = SampleSettings {
        num_draws: usize::MAX / 2,
        ..settings()
    };
    let result = sample(TARGET, &settings);
    let ChainOutcome::Failed(error) = &result.chains[0].outcome else {
        panic!("it was stored")
    };
    assert!(
        error
            .to_string()
            .starts_with("chain 0: draws could not be stored: there is not")
    );
}
