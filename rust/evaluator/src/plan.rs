//! A plan: an imported model without data, and binding it to data.

use std::sync::Arc;

use crate::bound::BoundModel;
use crate::error::{EvaluatorError, Result};
use crate::gradient::pullback;
use crate::graph::{Graph, NodeId};
use crate::kernels::Isa;
use crate::program::Program;
use crate::shape::size;
use crate::source::{AxisLength, Source};
use crate::specialise::{Scope, SlotValue, parameter, specialise};

/// A model without data, with symbolic sizes. Plain data: it holds no code and is freed when
/// dropped.
#[derive(Clone, Debug)]
pub struct Plan {
    source: Source,
}

impl Plan {
    /// Reads a plan from bytes.
    ///
    /// # Errors
    ///
    /// [`EvaluatorError::Format`] when the bytes are not those of a plan, are damaged, or are of
    /// another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(Self {
            source: Source::from_bytes(bytes)?,
        })
    }

    /// Names and numbers of axes of the arrays that [`bind`](Self::bind) wants, in order.
    pub fn slots(&self) -> Vec<(String, usize)> {
        self.source
            .slots
            .iter()
            .map(|s| (s.name.clone(), s.rank))
            .collect()
    }

    /// Fixes all sizes, computes what depends on the data alone, simplifies, differentiates and
    /// schedules: what is left can be evaluated at any position.
    ///
    /// # Errors
    ///
    /// [`EvaluatorError::Bind`] when the data do not fit the plan or each other, and
    /// [`EvaluatorError::Unsupported`] when the model has an operation not available here.
    pub fn bind(&self, slots: &[SlotValue], isa: Isa) -> Result<BoundModel> {
        self.check_slots(slots)?;
        let mut g = Graph::new(isa);
        let mut dim = 0;
        let mut parameters = Vec::new();
        for p in &self.source.parameters {
            let shape = p
                .axes
                .iter()
                .map(|axis| axis_length(*axis, slots))
                .collect::<Result<Vec<_>>>()
                .map_err(|e| e.at(&p.name))?;
            parameters.push(parameter(&mut g, dim, &shape));
            dim += size(&shape);
        }
        let scope = Scope {
            source: &self.source,
            slots,
            parameters: &parameters,
            inner: &[],
        };
        let outputs = specialise(&mut g, &self.source.graphs[0], &scope)?;
        let logdensity = self.group("logdensity", &outputs);
        let &[logdensity] = logdensity else {
            return Err(EvaluatorError::format("a plan has one log density"));
        };
        if g.size(logdensity) != 1 {
            return Err(EvaluatorError::bind("the log density is not one number"));
        }
        let logdensity = g.reshape(logdensity, &[]);
        let one = g.scalar(1.0);
        let mut wanted = vec![logdensity];
        wanted.extend(pullback(&mut g, &[(logdensity, one)], &parameters)?);
        let gradient = Program::compile(&g, &wanted);
        let stored = Program::compile(&g, self.group("stored", &outputs));
        let pointwise = Program::compile(&g, self.group("pointwise", &outputs));
        let shapes = |name: &str| -> Vec<Vec<usize>> {
            self.group(name, &outputs)
                .iter()
                .map(|&o| g.shape(o).to_vec())
                .collect()
        };
        Ok(BoundModel {
            dim,
            parameter_shapes: parameters.iter().map(|&p| g.shape(p).to_vec()).collect(),
            stored_shapes: shapes("stored"),
            pointwise_shapes: shapes("pointwise"),
            gradient: Arc::new(gradient),
            stored: Arc::new(stored),
            pointwise: Arc::new(pointwise),
        })
    }

    fn group<'a>(&self, name: &str, outputs: &'a [NodeId]) -> &'a [NodeId] {
        self.source
            .groups
            .iter()
            .find(|g| g.name == name)
            .map_or(&[], |g| &outputs[g.first..g.first + g.count])
    }

    fn check_slots(&self, slots: &[SlotValue]) -> Result<()> {
        if slots.len() != self.source.slots.len() {
            return Err(EvaluatorError::bind(format!(
                "{} arrays given, {} wanted",
                slots.len(),
                self.source.slots.len()
            )));
        }
        for (value, slot) in slots.iter().zip(&self.source.slots) {
            if value.shape.len() != slot.rank || size(&value.shape) != value.values.len() {
                return Err(EvaluatorError::bind(format!(
                    "an array with {} axes is wanted, lengths {:?} were given",
                    slot.rank, value.shape
                ))
                .at(&slot.name));
            }
        }
        Ok(())
    }
}

fn axis_length(axis: AxisLength, slots: &[SlotValue]) -> Result<usize> {
    let base = match axis.slot {
        None => 0,
        Some(k) => match slots[k].values[..] {
            #[allow(clippy::cast_possible_truncation)] // a length
            [length] => length as i64,
            _ => {
                return Err(EvaluatorError::bind(
                    "the length of a dimension must be one number",
                ));
            }
        },
    };
    usize::try_from(base + axis.number)
        .map_err(|_| EvaluatorError::bind(format!("its length would be {}", base + axis.number)))
}
