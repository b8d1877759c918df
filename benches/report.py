"""Tables of a comparison, for the terminal and for the documentation."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["markdown", "table"]


class Figure(NamedTuple):
    """One row of the comparison."""

    key: str
    title: str
    format: str
    less_is_better: bool


FIGURES = (
    Figure("import", "import, s", "{:.2f}", True),
    Figure("cold", "model to first gradient, cold, s", "{:.2f}", True),
    Figure("warm", "model to first gradient, warm, s", "{:.2f}", True),
    Figure("ns_per_gradient", "ns per gradient", "{:,.0f}", True),
    Figure("to_posterior", "import to posterior, warm, s", "{:.2f}", True),
    Figure("sampling", "sampling again, s", "{:.2f}", True),
    Figure("memory", "peak memory, MB", "{:,.0f}", True),
    Figure("gradients", "gradients", "{:,.0f}", True),
    Figure("ess", "smallest ESS", "{:,.0f}", False),
    Figure("ess_per_gradient", "ESS per gradient", "{:.4f}", False),
    Figure("ess_per_second", "ESS per second", "{:,.0f}", False),
    Figure("divergences", "divergences", "{:.0f}", True),
)


def table(models: dict[str, Any]) -> str:
    """Lay out the figures of models as text."""
    lines = []
    for name, packages in models.items():
        lines += [f"{name:<36}{'rufous':>14}{'nutpie':>14}{'ratio':>10}"]
        lines += [
            f"  {title:<34}{ours:>14}{theirs:>14}{ratio:>10}"
            for title, ours, theirs, ratio in rows(packages)
        ]
        lines += [f"  {package}: {reason}" for package, reason in failures(packages)]
    return "\n".join(lines) + "\n"


def markdown(results: dict[str, Any]) -> str:
    """Lay out all results as a page."""
    machine = results["machine"]
    versions = ", ".join(f"{k} {v}" for k, v in machine.items() if k not in ("processor", "cores"))
    lines = [
        f"Measured in one run on {machine['cores']} cores of a {machine['processor']}; {versions}."
    ]
    for name, packages in results["models"].items():
        lines += ["", f"### {name}", ""]
        found = rows(packages)
        if found:
            lines += ["| | rufous | nutpie | ratio |", "|---|---:|---:|---:|"]
            lines += [f"| {' | '.join(row)} |" for row in found]
        lines += [
            f"\n{package}: not measured ({reason})." for package, reason in failures(packages)
        ]
    return "\n".join(lines) + "\n"


def rows(packages: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """Return title, both figures and their ratio, for what was measured of either."""
    ours, theirs = packages["rufous"], packages["nutpie"]
    return [
        (figure.title, shown(figure, ours), shown(figure, theirs), ratio(figure, ours, theirs))
        for figure in FIGURES
        if figure.key in ours or figure.key in theirs
    ]


def shown(figure: Figure, figures: dict[str, Any]) -> str:
    """Format one figure."""
    return figure.format.format(figures[figure.key]) if figure.key in figures else "-"


def ratio(figure: Figure, ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """Divide so that more than 1 is in favour of Rufous."""
    if (
        figure.key in ("gradients", "ess", "divergences")
        or not {figure.key} <= ours.keys() & theirs.keys()
    ):
        return ""
    better, worse = ours[figure.key], theirs[figure.key]
    quotient = worse / better if figure.less_is_better else better / worse
    return f"{quotient:.2f}"


def failures(packages: dict[str, Any]) -> list[tuple[str, str]]:
    """Name the packages that could not be measured, with the reason."""
    return [(name, figures["failed"]) for name, figures in packages.items() if "failed" in figures]
