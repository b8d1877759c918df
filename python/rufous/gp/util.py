"""Tools around Gaussian processes: inducing points, pictures, jitter."""

from __future__ import annotations

from typing import Any

import numpy as np

from rufous.errors import SettingsError, ShapeError
from rufous.gp.base import JITTER_DEFAULT, stabilize
from rufous.gp.predict import replace_with_values
from rufous.model.arrays import to_array

__all__ = [
    "JITTER_DEFAULT",
    "kmeans_inducing_points",
    "plot_gp_dist",
    "replace_with_values",
    "stabilize",
]


def kmeans_inducing_points(n_inducing: int, X: Any, **kmeans_kwargs: Any) -> Any:
    """Choose inducing points: the centres of clusters of the inputs.

    Parameters
    ----------
    n_inducing : int, at least 1
        How many points.
    X : array_like or Data, shape (n, d)
        The inputs.
    **kmeans_kwargs
        Options of `scipy.cluster.vq.kmeans`, such as ``rng=1`` (``seed=1`` before SciPy 1.15).

    Returns
    -------
    ndarray, shape (n_inducing, d)
        Fewer rows when there are fewer clusters.

    Raises
    ------
    SettingsError
        When there are not as many inputs as points.
    ShapeError
        When the inputs do not have two axes.

    Notes
    -----
    Columns are divided by their standard deviation while distances are taken.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> rf.gp.util.kmeans_inducing_points(5, np.linspace(0, 1, 50)[:, None]).shape
    (5, 1)
    """
    inputs: Any = to_array(X.get_value() if hasattr(X, "get_value") else X, "`X`")
    inputs = inputs.astype(np.float64)
    if inputs.ndim != 2:
        raise ShapeError(
            "`X` must have two axes, one row for each point and one column for each input, got "
            f"shape {inputs.shape}; a vector becomes a column with X[:, None]"
        )
    whole = isinstance(n_inducing, int | np.integer) and not isinstance(n_inducing, bool)
    if not whole or not 1 <= n_inducing <= len(inputs):
        raise SettingsError(
            f"`n_inducing` must be a whole number from 1 to the {len(inputs)} rows of `X`, "
            f"got {n_inducing!r}"
        )
    # Only here: importing it takes longer than importing this package.
    from scipy.cluster.vq import kmeans

    spread = inputs.std(axis=0)
    spread[spread == 0.0] = 1.0
    centres, _ = kmeans(inputs / spread, int(n_inducing), **kmeans_kwargs)
    return centres * spread


def plot_gp_dist(
    ax: Any,
    samples: Any,
    x: Any,
    plot_samples: bool = True,
    palette: str = "Reds",
    fill_alpha: float = 0.8,
    samples_alpha: float = 0.1,
    fill_kwargs: dict[str, Any] | None = None,
    samples_kwargs: dict[str, Any] | None = None,
) -> Any:
    """Draw the distribution of a function of one input: quantile bands and some draws.

    Parameters
    ----------
    ax : matplotlib Axes
        Where to draw.
    samples : array_like, shape (draws, n)
        Draws of the function at the points; chains and draws stacked.
    x : array_like, shape (n,), (n, 1) or (1, n)
        The points, in order.
    plot_samples : bool, default True
        Whether to draw up to 30 of the draws as lines.
    palette : str, default "Reds"
        Name of a matplotlib colour map.
    fill_alpha : float in [0, 1], default 0.8
        Opacity of the bands.
    samples_alpha : float in [0, 1], default 0.1
        Opacity of the lines.
    fill_kwargs, samples_kwargs : dict, optional
        Further options of ``ax.fill_between`` and ``ax.plot``.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ShapeError
        When `samples` does not have one column for each point.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> import numpy as np
    >>> import rufous as rf
    >>> _, ax = plt.subplots()
    >>> draws = np.random.default_rng(1).normal(size=(100, 20)).cumsum(axis=1)
    >>> ax = rf.gp.util.plot_gp_dist(ax, draws, np.arange(20))
    >>> plt.close()
    """
    import matplotlib

    values = np.asarray(samples, dtype=np.float64)
    points = np.asarray(x, dtype=np.float64).ravel()
    if values.ndim != 2 or values.shape[1] != len(points):
        raise ShapeError(
            f"`samples` must have shape (draws, {len(points)}), one column for each point of `x`, "
            f"got {values.shape}; chains and draws are stacked with "
            "idata.posterior['f'].stack(sample=('chain', 'draw')).values.T"
        )
    colours = matplotlib.colormaps[palette]
    levels = np.linspace(51, 99, 40)
    shades = colours(np.linspace(0, 1, len(levels)))
    for level, shade in zip(levels[::-1], shades, strict=True):
        lower, upper = np.percentile(values, [100 - level, level], axis=0)
        options = {"color": shade, "alpha": fill_alpha, "linewidth": 0} | (fill_kwargs or {})
        ax.fill_between(points, lower, upper, **options)
    if plot_samples:
        some = np.linspace(0, len(values) - 1, min(30, len(values))).astype(int)
        options = {"color": shades[-1], "lw": 1, "alpha": samples_alpha} | (samples_kwargs or {})
        ax.plot(points, values[some].T, **options)
    return ax
