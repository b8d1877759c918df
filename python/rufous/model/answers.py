"""What a model answers: log densities, functions of a point, starts, text and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
import pytensor.tensor as pt
from numpy.typing import ArrayLike

from rufous.errors import InitializationError
from rufous.model import logdensity as density
from rufous.model.at_point import debug_text, evaluate_at, explain_point
from rufous.model.conditional import ConditionalDensity
from rufous.model.describe import describe, str_repr
from rufous.model.functions import PointFunction, compile_fn
from rufous.model.initial import initial_point
from rufous.model.members import Members
from rufous.model.pictures import model_to_graphviz
from rufous.model.rebuild import clone_model
from rufous.model.registry import Constraint
from rufous.model.table import ModelTable, model_table
from rufous.model.untraced import untraced

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array, RandomSeed
    from rufous.model.model import Model

__all__ = ["Answers"]


class Answers(Members):
    """The part of a model that answers questions; `Model` adds how it is written.

    Parameters
    ----------
    name : str
        Prefix of the names of the variables.
    parent : Members or None
        The model that this one belongs to.
    """

    @property
    def _model(self) -> Model:
        return cast("Model", self)

    # -- log density -----------------------------------------------------------------------------

    def replace_rvs_by_values(self, graphs: Sequence[TensorVariable]) -> list[TensorVariable]:
        """Rebuild graphs with each random variable replaced by its constrained value.

        Parameters
        ----------
        graphs : sequence of TensorVariable
            Graphs of random variables of the model.

        Returns
        -------
        list of TensorVariable
            Graphs of the value variables and the data.
        """
        with untraced():
            return density.replacer(self._model.root)(graphs)

    @property
    def unobserved_value_vars(self) -> list[TensorVariable]:
        """Value variables, then free random variables and deterministics as graphs of them.

        A free variable without a transform is its own value, and comes once.
        """
        transformed = [rv for rv in self.free_RVs if self.rvs_to_transforms[rv] is not None]
        wanted = [*transformed, *self.deterministics]
        graphs = [pt.identity(graph) for graph in self.replace_rvs_by_values(wanted)]
        for variable, graph in zip(wanted, graphs, strict=True):
            graph.name = variable.name
        return [*self.value_vars, *graphs]

    def logdensity_terms(
        self, *, jacobian: bool = True, sum: bool = True
    ) -> dict[str, TensorVariable]:
        """Write the terms of the log density as graphs over the value variables.

        Parameters
        ----------
        jacobian : bool, default True
            Add the log determinant of the Jacobian of each transform.
        sum : bool, default True
            Make each term a scalar.

        Returns
        -------
        dict of str to TensorVariable
            float64 terms by the name of the variable or potential.
        """
        return density.terms(
            self._model, self.basic_RVs, self.potentials, jacobian=jacobian, sum=sum
        )

    def pointwise_terms(self) -> dict[str, TensorVariable]:
        """Write the log likelihood of each observation as graphs over the value variables.

        Returns
        -------
        dict of str to TensorVariable
            float64 terms by the name of the observed variable, one number per observation.
        """
        return density.terms(self._model, self.observed_RVs, [], jacobian=False, sum=False)

    def constraint_terms(self) -> list[tuple[str, Constraint]]:
        """List the constraints on parameters that depend on the position or on data.

        Returns
        -------
        list of (str, Constraint)
            Name of the variable, and the constraint as a graph over the value variables.
        """
        return density.constraint_terms(self._model.root)

    def satisfied_constraints(self, rv: TensorVariable) -> frozenset[str]:
        """Return the texts of the constraints of `rv` that hold whatever the position and data."""
        return self._satisfied[rv]

    def logp(
        self, vars: Any = None, jacobian: bool = True, sum: bool = True
    ) -> TensorVariable | list[TensorVariable]:
        """Write the log density as a graph over the value variables.

        Parameters
        ----------
        vars : variable, name or sequence of them, optional
            Whose terms: random variables, value variables, or potentials. Default: all.
        jacobian : bool, default True
            Add the log determinant of the Jacobian of each transform.
        sum : bool, default True
            Return one scalar; else a list of the terms, each of the shape of its variable.

        Returns
        -------
        TensorVariable or list of TensorVariable

        Raises
        ------
        ModelError
            When the model has no variables.
        UnknownNameError
            When one of `vars` has no term.
        """
        return density.joint(self._model, vars, jacobian=jacobian, sum=sum)

    def dlogp(self, vars: Any = None, jacobian: bool = True) -> TensorVariable:
        """Write the gradient of the log density with respect to value variables.

        Parameters
        ----------
        vars : variable, name or sequence of them, optional
            Free random variables or value variables. Default: all continuous ones.
        jacobian : bool, default True
            Add the log determinant of the Jacobian of each transform.

        Returns
        -------
        TensorVariable, shape (dim,)
            The gradients flattened one after the other, in the order of `vars`.

        Raises
        ------
        ModelError
            When there is no continuous free variable.
        """
        return density.gradient(self._model, vars, jacobian=jacobian)

    def d2logp(
        self, vars: Any = None, jacobian: bool = True, negate_output: bool = True
    ) -> TensorVariable:
        """Write the second derivatives of the log density with respect to value variables.

        Parameters
        ----------
        vars : variable, name or sequence of them, optional
            Free random variables or value variables. Default: all continuous ones.
        jacobian : bool, default True
            Add the log determinant of the Jacobian of each transform.
        negate_output : bool, default True
            Return them with the opposite sign: at a mode that is the inverse of a covariance.

        Returns
        -------
        TensorVariable, shape (dim, dim)

        Raises
        ------
        ModelError
            When there is no continuous free variable.
        """
        matrix = density.hessian(self._model, vars, jacobian=jacobian)
        return -matrix if negate_output else matrix

    @property
    def varlogp(self) -> TensorVariable:
        """Log density of the free random variables, with the Jacobians of transforms."""
        return self._part(self.free_RVs)

    @property
    def varlogp_nojac(self) -> TensorVariable:
        """Log density of the free random variables in their own space."""
        return self._part(self.free_RVs, jacobian=False)

    @property
    def observedlogp(self) -> TensorVariable:
        """Log density of the observed random variables."""
        return self._part(self.observed_RVs)

    @property
    def potentiallogp(self) -> TensorVariable:
        """Sum of the potentials."""
        return self._part(self.potentials)

    @property
    def datalogp(self) -> TensorVariable:
        """Log density of the observed random variables and the potentials."""
        return self.observedlogp + self.potentiallogp

    def _part(self, variables: Sequence[TensorVariable], jacobian: bool = True) -> TensorVariable:
        if not variables:
            return pt.constant(0.0)
        return self.logp(list(variables), jacobian=jacobian)

    def compile_logp(
        self, vars: Any = None, jacobian: bool = True, sum: bool = True, *, mode: Any = None
    ) -> PointFunction:
        """Make the log density a Python function of a point.

        Parameters
        ----------
        vars, jacobian, sum
            As for `logp`.
        mode : str or Mode, optional
            How PyTensor compiles; default its Python linker.

        Returns
        -------
        PointFunction
            Takes a dict like that of `initial_point`. For looking at a model: slow, but nothing
            waits for a compiler.
        """
        return self._function(self.logp(vars, jacobian, sum), mode)

    def compile_dlogp(
        self, vars: Any = None, jacobian: bool = True, *, mode: Any = None
    ) -> PointFunction:
        """Make the gradient of the log density a Python function of a point.

        Parameters
        ----------
        vars, jacobian
            As for `dlogp`.
        mode : str or Mode, optional
            How PyTensor compiles; default its Python linker.

        Returns
        -------
        PointFunction
        """
        return self._function(self.dlogp(vars, jacobian), mode)

    def compile_d2logp(
        self,
        vars: Any = None,
        jacobian: bool = True,
        negate_output: bool = True,
        *,
        mode: Any = None,
    ) -> PointFunction:
        """Make the second derivatives of the log density a Python function of a point.

        Parameters
        ----------
        vars, jacobian, negate_output
            As for `d2logp`.
        mode : str or Mode, optional
            How PyTensor compiles; default its Python linker.

        Returns
        -------
        PointFunction
        """
        return self._function(self.d2logp(vars, jacobian, negate_output), mode)

    def _function(self, outputs: Any, mode: Any) -> PointFunction:
        return PointFunction(self.root.value_vars, outputs, mode=mode)

    def compile_fn(
        self,
        outs: Any,
        *,
        inputs: Sequence[Any] | None = None,
        mode: Any = None,
        point_fn: bool = True,
        on_unused_input: str = "ignore",
        givens: Mapping[Any, Any] | None = None,
        random_seed: RandomSeed = None,
    ) -> Any:
        """Make a Python function of expressions; see `rufous.compile_fn`."""
        return compile_fn(
            outs,
            inputs=inputs,
            mode=mode,
            point_fn=point_fn,
            model=self._model,
            on_unused_input=on_unused_input,
            givens=givens,
            random_seed=random_seed,
        )

    def eval(self, vars: Any, point: Mapping[str, Any] | None = None) -> Any:
        """Evaluate variables and expressions of them at a point.

        Parameters
        ----------
        vars : variable, name or sequence of them
            Variables of the model in their own space, or expressions of them.
        point : mapping of str to array_like, optional
            Where: by the name of a variable (in its own space) or of its value variable. What is
            left out is where `initial_point` puts it.

        Returns
        -------
        ndarray or list of ndarray

        Raises
        ------
        UnknownNameError
            When the model has no such variable.
        ModelError
            When a value is outside the support of its variable.

        Examples
        --------
        >>> import rufous as rf
        >>> with rf.Model() as model:
        ...     tau = rf.HalfNormal("tau", 1)
        ...     double = rf.Deterministic("double", 2 * tau)
        >>> float(model.eval("double", {"tau": 1.5}))
        3.0
        """
        return evaluate_at(self._model.root, vars, point)

    def logp_dlogp_function(
        self,
        grad_vars: Any = None,
        *,
        initial_point: Mapping[str, Any] | None = None,
        ravel_inputs: bool = True,
        mode: Any = None,
    ) -> ConditionalDensity:
        """Make a function of some variables with the others held, and cheap to move.

        Parameters
        ----------
        grad_vars : variable, name or sequence of them, optional
            Free random variables or value variables. Default: all continuous ones.
        initial_point : mapping of str to array_like, optional
            Where the others are held; default `Model.initial_point`.
        ravel_inputs : bool, default True
            Take and return one flat vector; else a list of arrays, one per variable.
        mode : str or Mode, optional
            How PyTensor compiles; default its Python linker.

        Returns
        -------
        ConditionalDensity

        Raises
        ------
        ModelError
            When a variable is not continuous and free.
        """
        variables = density.differentiable(self._model.root, grad_vars)
        at = self.initial_point() if initial_point is None else initial_point
        return ConditionalDensity(
            self._model.root, variables, at, ravel_inputs=ravel_inputs, mode=mode
        )

    def point_logps(
        self, point: Mapping[str, Any] | None = None, round_vals: int | None = None
    ) -> dict[str, float]:
        """Evaluate each term of the log density, to see which one is not finite.

        Parameters
        ----------
        point : mapping of str to array_like, optional
            Unconstrained values; default `initial_point`.
        round_vals : int, optional
            Round to so many digits after the point; default not at all.

        Returns
        -------
        dict of str to float
        """
        terms = self.logdensity_terms()
        at = self.initial_point() if point is None else point
        values = PointFunction(self.root.value_vars, list(terms.values()))(at)
        found = {name: float(value) for name, value in zip(terms, values, strict=True)}
        if round_vals is None:
            return found
        return {name: round(value, round_vals) for name, value in found.items()}

    def check_start_vals(self, start: Mapping[str, Any]) -> None:
        """Refuse a point at which the log density is not finite.

        Parameters
        ----------
        start : mapping of str to array_like
            Unconstrained values by the name of the value variable.

        Raises
        ------
        InitializationError
            Names the terms that are not finite, and why.
        """
        if not np.isfinite(list(self.point_logps(start).values())).all():
            reason = explain_point(self._model.root, start)
            raise InitializationError(f"the log density is not finite at this point: {reason}")

    def debug(
        self,
        point: Mapping[str, Any] | None = None,
        fn: str = "logp",
        verbose: bool = False,
    ) -> None:
        """Print what is wrong with a model at a point, or that nothing is.

        Parameters
        ----------
        point : mapping of str to array_like, optional
            Unconstrained values; default `initial_point`.
        fn : {"logp", "dlogp", "random"}, default "logp"
            Look at the log density, at its gradient too, or at draws from the prior.
        verbose : bool, default False
            Show how the variables in question are written.

        Raises
        ------
        SettingsError
            For another `fn`.

        Examples
        --------
        >>> import rufous as rf
        >>> with rf.Model() as model:
        ...     sigma = rf.Normal("sigma", 0, 1)
        ...     y = rf.Normal("y", 0, sigma, observed=[1.0])
        >>> model.debug({"sigma": -1.0})
        at {'sigma': -1.0}
        the log density of 'y' is -inf: the constraint sigma > 0 fails, the value is -1
        """
        print(debug_text(self._model.root, point, fn, verbose))

    def initial_point(
        self,
        random_seed: RandomSeed = None,
        *,
        initvals: Mapping[str, Any] | None = None,
        data: Mapping[str, ArrayLike] | None = None,
    ) -> dict[str, Array]:
        """Compute where sampling starts, before jitter.

        Parameters
        ----------
        random_seed : int, sequence of int, Generator, SeedSequence or None
            Used by variables with ``initval="prior"``.
        initvals : mapping of str to array_like, optional
            Values that win over `initval=`: by name of the variable, or of its value variable.
        data : mapping of str to array_like, optional
            Values that win over the present ones, of Data by name, of lengths by ``dim:<name>``.

        Returns
        -------
        dict of str to ndarray
            Unconstrained value by the name of the value variable.

        Raises
        ------
        ModelError
            When an initial value is outside the support of its variable.
        UnknownNameError
            When `initvals` names no free variable.
        """
        return initial_point(self._model.root, random_seed, initvals=initvals, data=data)

    # -- text and pictures -----------------------------------------------------------------------

    def __repr__(self) -> str:
        return describe(self._model)

    def str_repr(self, formatting: str = "plain", include_params: bool = True) -> str:
        """Write the model as a list of statements.

        Parameters
        ----------
        formatting : {"plain", "latex"}, default "plain"
            Plain text, or LaTeX for a notebook.
        include_params : bool, default True
            Write the parameters of distributions.

        Returns
        -------
        str

        Examples
        --------
        >>> import rufous as rf
        >>> with rf.Model() as model:
        ...     mu = rf.Normal("mu", 0, 5)
        ...     y = rf.Normal("y", mu, 1, observed=[0.3, 1.2])
        >>> print(model.str_repr())
        mu ~ Normal(0, 5)
         y ~ Normal(mu, 1)
        """
        return str_repr(self._model, formatting, include_params)

    def _repr_latex_(self) -> str:
        return self.str_repr("latex")

    def table(
        self,
        *,
        split_groups: bool = True,
        truncate_deterministic: int | None = None,
        parameter_count: bool = True,
    ) -> ModelTable:
        """Make a table of the variables; see `rufous.model_table`."""
        return model_table(
            self._model,
            split_groups=split_groups,
            truncate_deterministic=truncate_deterministic,
            parameter_count=parameter_count,
        )

    def to_graphviz(
        self,
        *,
        var_names: Iterable[str] | None = None,
        formatting: str = "plain",
        save: str | None = None,
        figsize: tuple[int, int] | None = None,
        dpi: int = 300,
    ) -> Any:
        """Make a picture with Graphviz; see `rufous.model_to_graphviz`."""
        return model_to_graphviz(
            self._model,
            var_names=var_names,
            formatting=formatting,
            save=save,
            figsize=figsize,
            dpi=dpi,
        )

    def copy(self) -> Self:
        """Copy the model with its data and dims; see `rufous.clone_model`."""
        return cast("Self", clone_model(self._model))

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Self:
        return self.copy()
