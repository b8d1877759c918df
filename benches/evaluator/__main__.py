"""Hold the native evaluator against PyTensor on whole models.

    python -m benches.evaluator --gallery models.py
    python -m benches.evaluator --varied

`models.py` has a dict ``ALL`` of functions that take the modelling module (`pymc` or `rufous`) and
return a model; ``--varied`` takes the models in `benches.evaluator.models`. For each model: whether
the native evaluator runs it, or which operation stands in the way, and the largest relative
disagreement of value and gradient, stored variables and pointwise log likelihoods with PyTensor's
own evaluation at random positions of scales 0.1 to 300, or those asked for. A model disagrees where
the difference is more than 1e-10 and more than what drawing every rounding anew makes, or where
only PyTensor's is finite; positions at which only ours is finite are counted. With mpmath
installed, what is left is settled by the graph as it was written, in 120 digits. Ends with an error
when a model disagrees.
"""

from __future__ import annotations

import argparse
import importlib
import runpy
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benches.evaluator.compare import compare, compare_arrays
from benches.evaluator.points import SCALES, positions
from benches.evaluator.reference import outputs, reference

TOLERANCE = 1e-10


def main() -> None:
    """Compare all models and say how many are native and how many disagree."""
    arguments = parse_arguments()
    warnings.simplefilter("ignore")
    counts = {"native": 0, "fallback": 0, "different": 0, "not built": 0}
    for name, package, build in models(arguments):
        began = time.perf_counter()
        kind, text = verdict(build, package, arguments.points, arguments.scales)
        counts[kind] += 1
        seconds = time.perf_counter() - began
        print(f"{name:<36}{package:<8}{kind:<10}{text}  [{seconds:.1f} s]", flush=True)
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))
    sys.exit(bool(counts["different"]))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gallery", type=Path, help="file with a dict ALL of models")
    parser.add_argument("--varied", action="store_true", help="the models of this package")
    parser.add_argument("--models", type=lambda text: text.split(","), help="names; default: all")
    parser.add_argument("--packages", type=lambda text: text.split(","), default=["pymc", "rufous"])
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument(
        "--scales",
        type=lambda text: [float(part) for part in text.split(",")],
        default=SCALES,
        help="standard deviations of the positions",
    )
    return parser.parse_args()


def models(arguments: argparse.Namespace) -> Iterator[tuple[str, str, Callable[[], Any]]]:
    """Name, modelling package and builder of each model asked for."""
    wanted = arguments.models
    if arguments.varied:
        varied = importlib.import_module("benches.evaluator.models")
        for name in varied.MODELS:
            if wanted is None or name in wanted:
                yield name, "pymc", lambda name=name: varied.build(name)
    if arguments.gallery is not None:
        gallery = runpy.run_path(str(arguments.gallery))["ALL"]
        for name, function in gallery.items():
            for package in arguments.packages:
                if wanted is None or name in wanted:
                    module = importlib.import_module(package)
                    yield name, package, lambda f=function, m=module: f(m)


def verdict(
    build: Callable[[], Any], package: str, points: int, scales: Sequence[float]
) -> tuple[str, str]:
    """Compare one model; returns what it is and a line of text."""
    import rufous
    from rufous.errors import RufousError

    try:
        model = build()
        logdensity_of(model, package)
    except Exception as error:  # a package may lack anything
        return "not built", f"{type(error).__name__}: {first_line(error)}"
    try:
        compiled = rufous.compile(model, evaluator="native")
    except RufousError as error:
        return "fallback", first_line(error)
    try:
        start = compiled.initial_point()
    except RufousError:  # PyMC's own lies on an edge
        start = np.zeros(compiled.dim)
    terms = logdensity_of(model, package)
    values = {value.name: value for value in model.value_vars}
    layout = compiled.unconstrained
    variables = [values[spec.name] for spec in layout]
    shapes = [spec.shape for spec in layout]
    theirs = reference(terms, variables, shapes)
    others = other_graphs(model, package)
    referee = elements = None
    if find_spec("mpmath") is not None:
        from benches.evaluator.judge import judge, judge_elements

        elements = judge_elements(others, variables, layout, TOLERANCE)
        referee = judge(terms, variables, layout, TOLERANCE)
    places = positions(start, points, scales)
    arrays = outputs(others, variables, shapes)
    with np.errstate(all="ignore"):
        found = compare(compiled.logp_dlogp, theirs, places, TOLERANCE, referee)
        worst, where = compare_arrays(
            lambda at: {**compiled.expand(at), **likelihood(compiled, at)},
            arrays,
            places,
            TOLERANCE,
            elements,
        )
    text = f"value {found.value:.1e}, gradient {found.gradient:.1e}"
    for title, found_at in (("only theirs finite", found.lost), ("only ours", found.gained)):
        if found_at:
            text += f"; {len(found_at)} {title} ({found_at[0]})"
    text += f"; others {worst:.1e}" + (f" ({where})" if worst > TOLERANCE else "")
    if found.unclear:
        text += f"; {found.unclear} lost in rounding"
    if found.settled:
        text += f"; {found.settled} wrong in PyTensor's form"
    agrees = not found.lost and max(found.worst, worst) <= TOLERANCE
    return ("native" if agrees else "different"), text


def likelihood(compiled: Any, position: Any) -> dict[str, Any]:
    """Pointwise log likelihoods by a name that no stored variable has."""
    return {f"log likelihood of {k}": v for k, v in compiled.log_likelihood(position).items()}


def other_graphs(model: Any, package: str) -> dict[str, Any]:
    """Write the stored variables and the pointwise log likelihood of a model."""
    stored = [*model.free_RVs, *model.deterministics]
    graphs = dict(zip((v.name for v in stored), model.replace_rvs_by_values(stored), strict=True))
    observed = list(model.observed_RVs)
    if package == "pymc":
        terms = model.logp(vars=observed, sum=False) if observed else []
    else:
        terms = [model.pointwise_terms()[variable.name] for variable in observed]
    return graphs | {
        f"log likelihood of {v.name}": term for v, term in zip(observed, terms, strict=True)
    }


def logdensity_of(model: Any, package: str) -> Any:
    """Write the joint log density of a model as a graph."""
    if package == "pymc":
        return model.logp()
    return sum(model.logdensity_terms().values())


def first_line(error: Exception) -> str:
    """Return the first line of what an error says."""
    return next(iter(str(error).splitlines()), "")


if __name__ == "__main__":
    main()
