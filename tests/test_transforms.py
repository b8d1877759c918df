"""Transforms: there and back, Jacobians against automatic differentiation, extremes, refusals."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

import rufous.distributions as rd
from contracts.graph_tools import AS_WRITTEN, evaluate
from rufous import transforms
from rufous.errors import SettingsError
from rufous.transforms import (
    ChainedTransform,
    CholeskyCorrTransform,
    CholeskyCovPacked,
    CholeskyCovTransform,
    Interval,
    Ordered,
    ZeroSumTransform,
    circular,
    log,
    log_exp_m1,
    logodds,
    ordered,
    simplex,
    sum_to_1,
)

POSITIVE = np.array([1e-300, 1e-5, 1.0, 3.0, 1e10])
ELEMENTWISE = [
    (log, POSITIVE),
    (log_exp_m1, np.array([1e-5, 1.0, 3.0, 1e10])),
    (circular, np.array([-3.14, 0.0, 3.0])),
    (logodds, np.array([1e-300, 1e-5, 0.5, 0.999])),
    (Interval(-100, 100), np.array([-99.999, -3.0, 0.0, 50.0, 99.0])),
    (Interval(lower=3), 3 + POSITIVE[1:]),
    (Interval(upper=3), 3 - POSITIVE[1:]),
    (Interval([0, -np.inf, 0, -np.inf], [1, 3, np.inf, np.inf]), np.array([0.5, 2.0, 5.0, -3.0])),
    (Interval(np.float32(0), np.int8(100)), np.array([1e-12, 1.0, 99.0])),
]
JOINT = [
    (simplex, np.array([[0.2, 0.3, 0.5], [1e-9, 1e-3, 1 - 1e-3 - 1e-9]])),
    (sum_to_1, np.array([[0.2, 0.3, 0.5], [0.0, -1.0, 2.0]])),
    (ordered, np.array([[-1.0, 2.0, 2.5, 10.0]])),
    (Ordered(positive=True), np.array([[0.1, 2.0, 2.5, 10.0]])),
    (Ordered(ascending=False), np.array([[3.0, 2.0, -2.5, -10.0]])),
    (Ordered(True, False), np.array([[3.0, 2.0, 0.5, 0.1]])),
    (ZeroSumTransform([-1]), np.array([[1.0, -3.0, 2.0]])),
    (CholeskyCovPacked(3), np.array([[2.0, -1.0, 0.1, 5.0, 0.0, 1e-3]])),
    (ZeroSumTransform(), np.array([[1.0, -3.0, 2.0], [0.0, 5.0, -5.0]])),
    (ZeroSumTransform(2), np.array([[[1.0, -1.0, 0.0], [-1.0, 3.0, -2.0], [0.0, -2.0, 2.0]]])),
    (ChainedTransform([logodds, ordered]), np.array([[0.1, 0.2, 0.9]])),
    (ChainedTransform([log, ordered]), np.array([[0.1, 0.2, 9.0], [1.0, 2.0, 3.0]])),
]


@pytest.mark.parametrize(("transform", "value"), [*ELEMENTWISE, *JOINT], ids=str)
def test_there_and_back(transform, value):
    position = transform.forward(value)
    np.testing.assert_allclose(evaluate(transform.backward(position)), value, rtol=1e-9, atol=1e-14)
    assert np.isfinite(evaluate(position)).all()


@pytest.mark.parametrize(("transform", "value"), ELEMENTWISE, ids=str)
def test_slope_of_elementwise_transforms(transform, value):
    position = pt.vector("position")
    slope = pytensor.grad(transform.backward(position).sum(), position)
    at = {position: evaluate(transform.forward(value))}
    got = evaluate(transform.log_jac_det(position), at)
    np.testing.assert_allclose(got, np.log(np.abs(evaluate(slope, at))), rtol=1e-9, atol=1e-9)
    assert transform.ndim_supp == 0


def jacobian(transform, position, drop):
    """Return the matrix of derivatives of the first elements of one value."""
    free = pt.constant(position).type("free")
    rows = transform.backward(free)[drop].ravel()
    length = np.size(position)
    gradients = [pytensor.grad(rows[i], free).ravel() for i in range(length)]
    return pytensor.function([free], pt.stack(gradients), mode=AS_WRITTEN)(position)


@pytest.mark.parametrize(("transform", "value"), JOINT, ids=str)
def test_determinant_of_joint_transforms(transform, value):
    for point in value:
        position = evaluate(transform.forward(pt.constant(point)))
        # The density of constrained values is that of all but the last along each axis.
        drop = tuple(slice(0, length) for length in position.shape)
        matrix = jacobian(transform, position, drop)
        wanted = np.linalg.slogdet(matrix)[1]
        if isinstance(transform, ZeroSumTransform):
            # Of the isometry into the subspace; the projection on the first ones shrinks it.
            whole = np.array(
                [
                    evaluate(transform.backward(pt.constant(unit.reshape(position.shape)))).ravel()
                    for unit in np.eye(position.size)
                ]
            )
            np.testing.assert_allclose(whole @ whole.T, np.eye(position.size), atol=1e-14)
            wanted = 0.0
        got = evaluate(transform.log_jac_det(pt.constant(position)))
        assert got.shape == ()
        assert got == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    ("transform", "offset"),
    [
        (CholeskyCorrTransform(4), -1),
        (CholeskyCorrTransform(4, upper=True), -1),
        (CholeskyCovTransform(3), 0),
    ],
    ids=["corr", "upper", "cov"],
)
def test_matrices_and_their_determinants(transform, offset):
    """Of the elements below the diagonal, or of the lower triangle."""
    size = transform.n * (transform.n + 1) // 2 + offset * transform.n
    at = np.random.default_rng(7).normal(size=(2, size))
    matrices = evaluate(transform.backward(pt.constant(at)))
    np.testing.assert_allclose(evaluate(transform.forward(pt.constant(matrices))), at, atol=1e-12)
    got = evaluate(transform.log_jac_det(pt.constant(at)))
    free = pt.vector("free", shape=(size,))
    matrix = transform.backward(free)
    matrix = matrix.mT if getattr(transform, "upper", False) else matrix
    below = matrix[np.tril_indices(transform.n, offset)]
    rows = pt.stack([pytensor.grad(below[i], free) for i in range(size)])
    for i in range(2):
        wanted = np.linalg.slogdet(evaluate(rows, {free: at[i]}))[1]
        assert got[i] == pytest.approx(wanted, abs=1e-10)
    if offset:
        lengths = (matrices**2).sum(axis=-2 if transform.upper else -1)
        np.testing.assert_allclose(lengths, 1, rtol=1e-14)
    else:
        assert (np.linalg.eigvalsh(matrices) > 0).all()


def test_an_angle_wraps_around_with_slope_one():
    position = pt.constant([-9.0, -3.0, 0.5, 4.0, 100.0])
    angle = circular.backward(position)
    values = evaluate(angle)
    np.testing.assert_allclose(np.exp(1j * values), np.exp(1j * position.data), atol=1e-13)
    assert (np.abs(values) <= np.pi).all()
    np.testing.assert_array_equal(evaluate(pytensor.grad(angle.sum(), position)), np.ones(5))


@pytest.mark.parametrize(("transform", "value"), JOINT, ids=str)
def test_batches_are_transformed_one_by_one(transform, value):
    batch = np.stack([value, value])
    position = evaluate(transform.forward(pt.constant(batch)))
    single = evaluate(transform.forward(pt.constant(value)))
    np.testing.assert_array_equal(position, np.stack([single, single]))
    got = evaluate(transform.log_jac_det(pt.constant(position)))
    assert got.shape == batch.shape[: batch.ndim - transform.ndim_supp]


def test_far_positions_stay_inside_and_finite():
    far = pt.constant([-800.0, -40.0, 40.0, 800.0])
    for transform in (logodds, Interval(0, 3), Interval(-100, 100), Interval(7, 7.5)):
        value = evaluate(transform.backward(far))
        lower, upper = (0, 1) if transform is logodds else (transform.lower, transform.upper)
        assert (value >= lower).all()
        assert (value <= upper).all()
        np.testing.assert_allclose(
            np.diff(evaluate(transform.log_jac_det(far))), [760, 0, -760], rtol=1e-12
        )
    # Next to an end that is zero the relative precision is kept.
    assert evaluate(Interval(0, 3).backward(far))[1] == pytest.approx(3 * np.exp(-40), rel=1e-14)
    many = pt.constant([[800.0, -800.0, 0.0]])
    assert np.isfinite(evaluate(simplex.log_jac_det(many))).all()
    np.testing.assert_allclose(evaluate(simplex.backward(many)).sum(), 1)


def test_bounds_that_depend_on_parameters():
    transform = Interval(bounds_fn=lambda mu, sigma: (mu - sigma, None))
    mu, sigma = pt.scalars("mu", "sigma")
    at = {mu: 2.0, sigma: 3.0}
    assert evaluate(transform.backward(pt.constant(0.0), mu, sigma), at) == 0.0
    assert evaluate(transform.forward(pt.constant(0.0), mu, sigma), at) == 0.0


def test_integer_bounds_do_not_overflow():
    assert evaluate(Interval(-100, 100).log_jac_det(pt.constant(0.0))) == pytest.approx(np.log(50))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Interval(), "neither"),
        (lambda: Interval(0, bounds_fn=lambda: (0, 1)), "both"),
        (lambda: Interval(2, 1), "`lower` of Interval must be less than `upper`"),
        (lambda: Interval(np.nan, 1), "`lower` of Interval must be a number"),
        (lambda: ZeroSumTransform(0), "`zerosum_axes` must be a number from 1"),
        (lambda: ZeroSumTransform([-2]), "the last axes, got"),
        (lambda: ChainedTransform([]), "at least one transform"),
        (lambda: CholeskyCovPacked(0), "`n` must be a constant whole number"),
        (lambda: CholeskyCorrTransform(2.5), "`n` must be a constant whole number"),
    ],
)
def test_refusals(make, text):
    with pytest.raises(SettingsError, match=text):
        make()


def test_names_are_those_of_value_variables():
    names = ["log", "logodds", "interval", "simplex", "ordered", "zerosum", "chain"]
    made = [log, logodds, Interval(0, 1), simplex, ordered, ZeroSumTransform(), JOINT[-1][0]]
    assert [transform.name for transform in made] == names
    assert [transform.ndim_supp for transform in made] == [0, 0, 0, 1, 1, 1, 1]
    names = ["sumto1", "circular", "cholesky-cov-packed", "cholesky_corr", "cholesky-cov"]
    matrices = [
        each(3) for each in (CholeskyCovPacked, CholeskyCorrTransform, CholeskyCovTransform)
    ]
    assert [transform.name for transform in (sum_to_1, circular, *matrices)] == names


def test_chains_are_equal_when_their_parts_are():
    chain = ChainedTransform([log, ordered])
    assert chain == transforms.Chain([log, ordered])
    assert hash(chain) == hash(transforms.Chain([log, ordered]))
    assert chain != ChainedTransform([ordered, log])
    assert "Ordered" in repr(chain)


def test_the_path_that_pymc_users_know():
    assert rd.transforms.ordered is ordered
    assert set(rd.transforms.__all__) == set(transforms.__all__)
    assert all(
        getattr(rd.transforms, name) is getattr(transforms, name) for name in transforms.__all__
    )


@pytest.mark.parametrize("name", ["positive", "ascending"])
def test_flags_of_an_ordered_transform_are_flags(name):
    with pytest.raises(SettingsError, match=f"`{name}` must be True or False, got 'yes'"):
        Ordered(**{name: "yes"})
