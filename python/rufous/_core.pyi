"""The Rust side of Rufous: targets, runs and what chains leave behind.

Private: `rufous.sample`, `rufous.compile` and `rufous.from_pointers` are the public doors.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DIVERGENCE_REASONS",
    "METRIC_KINDS",
    "STATISTICS",
    "ChainProgress",
    "ChainTrace",
    "DrawBlock",
    "Metric",
    "NativeFunction",
    "NativeModel",
    "NativePlan",
    "Run",
    "RunResult",
    "Settings",
    "Target",
    "__version__",
    "checkpoint_note",
    "diagnose",
    "restore",
    "start",
]

__version__: Final[str]

STATISTICS: Final[tuple[tuple[str, str, str], ...]]
"""Every statistic of a draw, in the order of storage: name, NumPy dtype, meaning."""

DIVERGENCE_REASONS: Final[tuple[str, ...]]
"""The texts behind the statistic ``divergence_reason``; index 0 means no divergence."""

METRIC_KINDS: Final[tuple[str, ...]]
"""The names behind the statistic ``metric_kind``."""

@final
class NativePlan:
    """A model without data for the native evaluator: plain data, no code."""

    @staticmethod
    def from_bytes(bytes: bytes) -> NativePlan:
        """Read a plan; damaged bytes and other versions are refused."""
        ...

    def to_bytes(self) -> bytes:
        """Give the bytes that the plan was read from."""
        ...

    @property
    def slots(self) -> list[tuple[str, int]]:
        """Name and number of axes of each array that :meth:`bind` wants."""
        ...

    def bind(self, data: list[NDArray[np.float64]]) -> NativeModel:
        """Put data behind the plan: sizes are fixed, the graph is differentiated and scheduled."""
        ...

@final
class NativeFunction:
    """A log density as a C function with its data; one thread at a time may call it."""

    @property
    def address(self) -> int:
        """Address of the function, of the type that ``rufous.h`` documents."""
        ...

    @property
    def user_data(self) -> int:
        """Its last argument, valid as long as this object lives."""
        ...

@final
class NativeModel:
    """A plan with its data."""

    @property
    def dim(self) -> int:
        """Length of a position."""
        ...

    @property
    def num_values(self) -> int:
        """Number of stored values of a position."""
        ...

    @property
    def isa(self) -> str:
        """Name of the instruction set that runs."""
        ...

    @property
    def num_bytes(self) -> tuple[int, int]:
        """Bytes of data shared by all threads, and bytes that each thread needs."""
        ...

    @property
    def parameter_shapes(self) -> list[list[int]]:
        """Shapes of the free variables."""
        ...

    @property
    def stored_shapes(self) -> list[list[int]]:
        """Shapes of the stored variables."""
        ...

    @property
    def pointwise_shapes(self) -> list[list[int]]:
        """Shapes of the pointwise log likelihoods."""
        ...

    def target(self) -> Target:
        """Give what a run samples."""
        ...

    def c_function(self) -> NativeFunction:
        """Give the log density as a C function, for code outside that wants to call it."""
        ...

    def describe(self) -> str:
        """Say what a gradient runs."""
        ...

    def pointwise(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute the pointwise log likelihoods, one after the other."""
        ...

@final
class Target:
    """A log density and the function that computes what is stored of a draw."""

    @property
    def dim(self) -> int:
        """Length of a position."""
    @property
    def num_values(self) -> int:
        """Number of values stored for each draw."""
    @staticmethod
    def from_pointers(
        dim: int,
        num_values: int,
        logp_dlogp: int,
        expand: int | None,
        user_data: int,
        keep_alive: object,
    ) -> Target:
        """Wrap C functions given by address; the interface is in ``rufous.h``.

        Without `expand` the position itself is stored. `keep_alive` is held by the target and by
        every chain that samples it. Raises SettingsError for an address of 0, and when
        `num_values` is not `dim` although `expand` is None.
        """
    @staticmethod
    def from_callables(
        dim: int,
        num_values: int,
        logp_dlogp: Callable[[NDArray[np.float64]], tuple[float, NDArray[np.float64]]],
        expand: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
    ) -> Target:
        """Wrap Python functions: slow, since every evaluation takes the GIL.

        An ArithmeticError or LinAlgError raised inside is a divergence; any other exception ends
        the chain.
        """
    @staticmethod
    def _panicking(dim: int, after: int) -> Target: ...
    def logp_dlogp(self, position: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Compute the log density and its gradient.

        Values that are not finite are returned as they are; NaN also stands for a recoverable
        failure. Raises ShapeError for an array that does not fit, LogDensityError for a fatal
        failure.
        """
    def expand(self, position: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute the values that are stored of a draw at `position`.

        All NaN after a recoverable failure. Raises ShapeError for an array that does not fit,
        LogDensityError for a fatal failure.
        """

@final
class Metric:
    """A metric with the numbers it is made of.

    ``diagonal`` has a `scale` (dim), ``low_rank`` also `eigenvalues` (rank) and `vectors`
    (rank x dim, flat), ``dense`` a `cholesky` factor (dim x dim, flat) of the inverse mass
    matrix. Raises SettingsError for arrays that are no metric.
    """

    def __new__(
        cls,
        kind: str,
        dim: int,
        *,
        scale: list[float] | None = None,
        eigenvalues: list[float] | None = None,
        vectors: list[float] | None = None,
        cholesky: list[float] | None = None,
    ) -> Metric: ...
    @property
    def kind(self) -> Literal["diagonal", "low_rank", "dense"]: ...
    @property
    def dim(self) -> int: ...
    def arrays(self) -> list[tuple[str, NDArray[np.float64]]]:
        """Return the arrays that the constructor takes, by name."""

@final
class Settings:
    """The settings of a run; what is left out or None has the default of the core.

    `pooled` holds settings of pooled warmup by name, for experiments. Raises SettingsError for a
    value out of range.
    """

    def __new__(
        cls,
        *,
        num_chains: int | None = None,
        num_tune: int | None = None,
        num_draws: int | None = None,
        num_threads: int | None = None,
        seed: int | None = None,
        store_warmup: bool | None = None,
        store_unconstrained: bool | None = None,
        store_divergences: bool | None = None,
        target_accept: float | None = None,
        max_treedepth: int | None = None,
        step_size_jitter: float | None = None,
        local_steps: bool | None = None,
        adaptation: str | None = None,
        metric: str | None = None,
        given_metric: Metric | None = None,
        step_size: float | None = None,
        first_step_size: float | None = None,
        init: str | None = None,
        jitter: float | None = None,
        pooled: dict[str, Any] | None = None,
    ) -> Settings: ...
    @property
    def num_tune(self) -> int:
        """Warmup iterations per chain, as set or by default."""
    def as_dict(self) -> dict[str, Any]:
        """Return all settings, those at their default too."""

def start(
    target: Target,
    settings: Settings,
    initial_positions: NDArray[np.float64],
    *,
    iterations: int | None = None,
    draws: int | None = None,
) -> Run:
    """Start sampling in the background.

    `initial_positions` has shape (num_chains, dim); jitter is added by the core. Each chain parks
    once it has finished so many `iterations`, warmup included, or its warmup and so many `draws`.
    SettingsError or ShapeError is raised here; failures of chains are found in their traces.
    """

def restore(
    target: Target,
    settings: Settings,
    checkpoint: bytes,
    *,
    iterations: int | None = None,
    draws: int | None = None,
) -> Run:
    """Go on from a checkpoint as if there had been no interruption.

    `settings` must be those of the run that was saved, apart from `num_threads`, and `num_draws`,
    which may grow. Raises CheckpointError for bytes that are damaged, of another version, or do
    not belong to these settings or this target.
    """

def checkpoint_note(checkpoint: bytes) -> bytes:
    """Return the note that was saved with a checkpoint; raises CheckpointError."""

@final
class Run:
    """Chains that are being sampled in the background. Dropping it cancels them."""

    @property
    def is_paused(self) -> bool:
        """Whether the run is paused."""
    @property
    def is_finished(self) -> bool:
        """Whether all chains have ended."""
    @property
    def elapsed(self) -> float:
        """Seconds until now or to the end of the last chain, with those before a restore."""
    def progress(self) -> list[ChainProgress]:
        """Return where each chain is, in order."""
    def pause(self) -> None:
        """Let chains sleep after the draw they are at."""
    def resume(self) -> None:
        """Wake paused chains."""
    def run_until(self, *, iterations: int | None = None, draws: int | None = None) -> None:
        """Let chains go on, and park as in `start`; without arguments to the end.

        Chains that are further already park after the draw they are at.
        """
    def wait_parked(self, timeout_seconds: float) -> bool:
        """Wait until no chain will go on by itself: ended, at its goal, or paused."""
    def inspect(self) -> RunResult:
        """Copy what the chains have so far, between transitions; they go on afterwards."""
    def checkpoint(self, note: bytes) -> bytes:
        """Return everything that it takes to `restore` the run, with a note of the caller.

        Raises CheckpointError when a chain has failed.
        """
    def cancel(self) -> None:
        """Stop all chains at their next leapfrog; finished draws are kept."""
    def first_failure(self) -> Exception | None:
        """Return the failure of the first chain that has failed so far, without raising it."""
    def wait(self, timeout_seconds: float) -> bool:
        """Wait until all chains have ended; return whether they have.

        Python's signal handlers run while it waits, so Ctrl-C raises within 50 ms.
        """
    def result(self) -> RunResult:
        """Wait for all chains and hand over what they leave, once.

        A paused run is resumed. Signal handlers run while it waits. Raises RufousError, as all
        methods do, when the result has been taken.
        """

@final
class ChainProgress:
    """A snapshot of one chain."""

    @property
    def chain(self) -> int: ...
    @property
    def phase(
        self,
    ) -> Literal["waiting", "warmup", "sampling", "finished", "cancelled", "failed"]: ...
    @property
    def finished_draws(self) -> int:
        """Iterations finished, warmup included."""
    @property
    def total_draws(self) -> int:
        """Iterations in all, warmup included; a pooled warmup may change it."""
    @property
    def num_draws(self) -> int:
        """Draws after warmup in all."""
    @property
    def divergences(self) -> int:
        """Divergent transitions after warmup."""
    @property
    def step_size(self) -> float:
        """Step size of the last transition; NaN before the first."""
    @property
    def tree_depth(self) -> int:
        """Doublings of the last transition."""
    @property
    def n_steps(self) -> int:
        """Leapfrogs of the last transition."""
    @property
    def num_gradients(self) -> int:
        """Evaluations of the log density so far."""

@final
class DrawBlock:
    """The draws of one chain in one phase; the arrays own the memory that the chain wrote."""

    @property
    def values(self) -> NDArray[np.float64]:
        """Stored values, shape (draw, num_values)."""
    @property
    def unconstrained(self) -> NDArray[np.float64] | None:
        """Positions, shape (draw, dim), when they were asked for."""
    @property
    def divergence_starts(self) -> NDArray[np.float64] | None:
        """Where diverging leapfrogs set out, one row for each diverging draw, when asked for."""
    @property
    def statistics(self) -> dict[str, NDArray[np.generic]]:
        """One array of shape (draw,) for each row of STATISTICS."""

@final
class ChainTrace:
    """What one chain leaves behind."""

    @property
    def chain(self) -> int: ...
    @property
    def outcome(self) -> Literal["complete", "running", "cancelled", "failed"]: ...
    @property
    def message(self) -> str:
        """Why the chain failed; empty when it did not."""
    @property
    def error(self) -> Exception | None:
        """The failure as an exception of `rufous.errors`."""
    @property
    def failed_position(self) -> NDArray[np.float64] | None:
        """The last position tried, shape (dim,), when no starting point was found."""
    @property
    def draws(self) -> DrawBlock: ...
    @property
    def warmup(self) -> DrawBlock | None:
        """The warmup draws, when they were asked for."""
    @property
    def num_tune(self) -> int:
        """Warmup iterations finished, stored or not."""
    @property
    def num_gradients(self) -> int:
        """Evaluations of the log density, start and step size search included."""
    @property
    def num_failed_expansions(self) -> int:
        """Draws whose stored values could not be computed and are NaN."""
    @property
    def step_size(self) -> float:
        """Step size after warmup, or at the end; NaN when the chain did not start."""
    @property
    def inverse_mass_matrix(self) -> NDArray[np.float64]:
        """Diagonal of the inverse mass matrix at the end; empty when the chain did not start."""
    @property
    def metric(self) -> Metric | None:
        """The metric at the end, when the chain started."""
    @property
    def position(self) -> NDArray[np.float64] | None:
        """Where the chain is at the end, shape (dim,), when it started."""
    @property
    def num_quarantines(self) -> int:
        """Meetings of a pooled warmup at which the chain was left out."""
    @property
    def num_restarts(self) -> int:
        """Times that a pooled warmup restarted the chain from a draw of another one."""
    @property
    def tuning_time(self) -> float:
        """Seconds from the start to the end of warmup."""
    @property
    def sampling_time(self) -> float:
        """Seconds from the end of warmup to the last draw."""

@final
class RunResult:
    """What a run leaves behind."""

    @property
    def chains(self) -> list[ChainTrace]:
        """One trace for each chain, in order."""
    @property
    def elapsed(self) -> float:
        """Seconds from the start to the end of the last chain."""

def diagnose(
    draws: Sequence[NDArray[np.float64]],
    quantities: Sequence[str],
    num_threads: int | None = None,
) -> list[NDArray[np.float64]]:
    """Compute quantities of scalar variables, one array for each quantity.

    Each array of `draws` has shape (chain, draw, variable) and is contiguous; it is read where it
    is. Quantities are ``rhat``, ``ess_bulk``, ``ess_tail``, ``ess_mean``, ``ess_sd``,
    ``mcse_mean``, ``mcse_sd``, ``sd``, ``minimum`` and ``maximum``. The result holds the variables
    of all arrays, in order, and does not depend on `num_threads`; a number that does not exist is
    NaN. Raises ShapeError for an array that does not fit, SettingsError for an unknown quantity.
    """
