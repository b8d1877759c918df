"""The box, its eigenvalues and eigenfunctions: the basis of the Hilbert space approximation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pytensor.tensor as pt

from rufous.errors import SettingsError
from rufous.gp.inputs import num_rows

__all__ = ["BOUNDARIES", "Boundary", "eigenfunctions", "frequencies", "index_of", "read_boundary"]

Boundary = Literal["dirichlet", "neumann", "dirichlet-neumann", "neumann-dirichlet"]
BOUNDARIES: tuple[Boundary, ...] = (
    "dirichlet", "neumann", "dirichlet-neumann", "neumann-dirichlet",
)  # fmt: skip


def read_boundary(boundary: Any, n_dims: int) -> tuple[str, ...]:
    """Read one boundary condition for each active dimension.

    Raises
    ------
    SettingsError
        For a condition that is not known, or another number of them.
    """
    names = (boundary,) * n_dims if isinstance(boundary, str) else tuple(boundary)
    for name in names:
        if name not in BOUNDARIES:
            raise SettingsError(f"`boundary` must be one of {BOUNDARIES}, got {name!r}")
    if len(names) != n_dims:
        raise SettingsError(
            f"`boundary` must be one name, or one for each of the {n_dims} active dimensions, "
            f"got {len(names)}"
        )
    return names


def index_of(m: Sequence[int]) -> Any:
    """Return the products of one-dimensional functions, in the order of PyMC's coefficients.

    Parameters
    ----------
    m : sequence of int
        How many functions each dimension has.

    Returns
    -------
    ndarray, shape (prod(m), len(m))
        Which function of each dimension, from 0.
    """
    grids = np.meshgrid(*(np.arange(count) for count in m))
    return np.stack([grid.ravel() for grid in grids], axis=1)


def frequencies(index: Any, L: Any, boundary: Sequence[str]) -> Any:
    r"""Write the roots of the eigenvalues, which are angular frequencies.

    .. math:: \omega_{jd} = \frac{\pi (j_d + s_d)}{2 L_d}

    with :math:`j` from 0 and :math:`s` = 1 (Dirichlet), 0 (Neumann) or 1/2 (mixed).

    Parameters
    ----------
    index : ndarray, shape (m, n_dims)
        From `index_of`.
    L : TensorVariable, shape (n_dims,)
        Half the lengths of the box.
    boundary : sequence of str
        The condition of each dimension.

    Returns
    -------
    TensorVariable, shape (m, n_dims)
    """
    shift = {"dirichlet": 1.0, "neumann": 0.0}
    return np.pi / 2 * (index + np.array([shift.get(name, 0.5) for name in boundary])) / L


def eigenfunctions(X: Any, L: Any, omega: Any, boundary: Sequence[str]) -> Any:
    r"""Write the eigenfunctions of the Laplacian on the box at points.

    .. math:: \phi_j(x) = \prod_d \sqrt{\frac{1}{L_d}} \,
        \sin\left(\omega_{jd} (x_d + L_d)\right)

    with a cosine where the lower end is of Neumann type, and :math:`\sqrt{1 / 2 L_d}` for the
    constant function.

    Parameters
    ----------
    X : TensorVariable, shape (n, n_dims)
        The points, measured from the centre of the box.
    L : TensorVariable, shape (n_dims,)
        Half the lengths of the box.
    omega : TensorVariable, shape (m, n_dims)
        From `frequencies`.
    boundary : sequence of str
        The condition of each dimension.

    Returns
    -------
    TensorVariable, shape (n, m)

    References
    ----------
    .. [1] Riutort-Mayol, Bürkner, Andersen, Solin and Vehtari (2022), eqs. 8 and 10.
    """
    phi = pt.ones((num_rows(X), 1))
    for d, name in enumerate(boundary):
        angle = (X[:, d, None] + L[d]) * omega[None, :, d]
        wave = pt.cos(angle) if name.startswith("neumann") else pt.sin(angle)
        height = pt.switch(pt.eq(omega[:, d], 0.0), np.sqrt(0.5), 1.0) / pt.sqrt(L[d])
        phi = phi * wave * height
    return phi
