"""What each PyTensor op is called in a plan, and with which attributes.

One function per family of ops; each takes a node and returns a :class:`Call`, or raises
:class:`UnsupportedOp`. The table at the end maps names of op classes to these functions: names,
because the classes move between PyTensor versions.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.tensor.type import TensorType

from rufous.errors import UnsupportedError


class UnsupportedOp(UnsupportedError):
    """An op that the native evaluator has not learnt.

    Parameters
    ----------
    op : str
        Name of the op.
    origin : str
        The model variable that it was written for.
    reason : str
        What about it is not supported.
    """

    def __init__(self, op: str, origin: str = "", reason: str = "") -> None:
        self.op, self.origin, self.reason = op, origin, reason
        where = f" (of {origin})" if origin else ""
        why = f": {reason}" if reason else ""
        super().__init__(f"{op}{where} is not supported by the native evaluator{why}")


@dataclass(frozen=True)
class Call:
    """A node of a plan: name, attributes, and the inputs that it reads."""

    op: str
    inputs: Sequence[Variable]
    attributes: Sequence[int] = ()


def elemwise(node: Apply) -> Call:
    """Elementwise ops are called after the class of their scalar op."""
    return Call(type(node.op.scalar_op).__name__, node.inputs)


def scalar(node: Apply) -> Call:
    """Ops on scalars are those on arrays without axes."""
    return Call(type(node.op).__name__, node.inputs)


def plain(name: str, count: int | None = None) -> Callable[[Apply], Call]:
    """Ops without attributes, of which only the first `count` inputs matter."""
    return lambda node: Call(name, node.inputs[:count])


def dim_shuffle(node: Apply) -> Call:
    """Axes in their new order, -1 for a new one."""
    order = [-1 if axis == "x" else int(axis) for axis in node.op.new_order]
    return Call("DimShuffle", node.inputs, order)


def along_axes(node: Apply) -> Call:
    """Reductions: all axes where none is named."""
    axis = node.op.axis
    ndim = node.inputs[0].type.ndim
    axes: Sequence[Any]
    if axis is None:
        axes = range(ndim)
    elif isinstance(axis, int | np.integer):
        axes = [axis]
    else:
        axes = axis
    # As in NumPy, a number may be reduced along an axis that it does not have.
    return Call(type(node.op).__name__, node.inputs[:1], [int(k) for k in axes if ndim])


def argmax(node: Apply) -> Call:
    """Position of the largest element of one axis."""
    ndim = node.inputs[0].type.ndim
    axes = range(ndim) if node.op.axis is None else node.op.axis
    if len(axes) == ndim:  # of the array in one line
        return Call("Argmax", node.inputs[:1])
    if len(axes) != 1:
        raise UnsupportedOp("Argmax", reason="along several axes but not all")
    return Call("Argmax", node.inputs[:1], [int(axes[0])])


def cumulative(node: Apply) -> Call:
    """Name running sums and products."""
    axis = node.op.axis
    name = "CumSum" if node.op.mode == "add" else "CumProd"
    # Without an axis, the array in one line.
    return Call(name, node.inputs, [] if axis is None else [int(axis)])


def sort(name: str) -> Callable[[Apply], Call]:
    """Sorting along an axis given as an input or as a property."""

    def call(node: Apply) -> Call:
        axis = getattr(node.op, "axis", None)
        if axis is None and len(node.inputs) > 1 and isinstance(node.inputs[1], Constant):
            axis = node.inputs[1].data
        return Call(name, node.inputs[:1], [int(-1 if axis is None else axis)])

    return call


def indices(node: Apply, first: int) -> list[int]:
    """Attributes that describe an index; inputs of the index start at `first`."""
    out: list[int] = []

    def part(k: Any) -> int:
        return -1 if k is None else first + int(k)

    for entry in getattr(node.op, "idx_list", (0,)):
        if isinstance(entry, slice):
            out += [1, part(entry.start), part(entry.stop), part(entry.step)]
        else:
            mask = node.inputs[first + int(entry)].type.dtype == "bool"
            out += [2 if mask else 0, first + int(entry)]
    return out


def subtensor(node: Apply) -> Call:
    """Elements picked by an index."""
    return Call("Subtensor", node.inputs, indices(node, 1))


def inc_subtensor(node: Apply) -> Call:
    """Elements set or increased."""
    setting = int(bool(node.op.set_instead_of_inc))
    return Call("IncSubtensor", node.inputs, [setting, *indices(node, 2)])


def check(node: Apply) -> Call:
    """Conditions that must hold: failed parameter checks give minus infinity."""
    infinite = type(node.op).__name__ == "CheckParameterValue"
    return Call("Check", node.inputs, [int(infinite)])


def diagonal(name: str) -> Callable[[Apply], Call]:
    """Diagonals, taken or made."""
    return lambda node: Call(name, node.inputs, [node.op.offset, node.op.axis1, node.op.axis2])


def shape_axis(node: Apply) -> Call:
    """Name the length of one axis."""
    return Call("ShapeAxis", node.inputs, [int(node.op.i)])


def join_dims(node: Apply) -> Call:
    """Several axes as one."""
    return Call("JoinDims", node.inputs, [int(node.op.start_axis), int(node.op.n_axes)])


def split_dims(node: Apply) -> Call:
    """One axis as several."""
    return Call("SplitDims", node.inputs, [int(node.op.axis)])


def join(node: Apply) -> Call:
    """Arrays one after the other; the axis is a property or, in older versions, an input."""
    axis = getattr(node.op, "axis", None)
    if axis is not None:
        return Call("Join", node.inputs, [int(axis)])
    if not isinstance(node.inputs[0], Constant):
        raise UnsupportedOp("Join", reason="along an axis that is computed")
    return Call("Join", node.inputs[1:], [int(node.inputs[0].data)])


def repeat(node: Apply) -> Call:
    """Elements repeated along an axis."""
    if node.op.axis is None and node.inputs[0].type.ndim != 1:
        raise UnsupportedOp("Repeat", reason="over a flattened array")
    return Call("Repeat", node.inputs, [int(node.op.axis or 0)])


def cholesky(node: Apply) -> Call:
    """Cholesky factors."""
    return Call("Cholesky", node.inputs, [int(core(node).lower)])


def solve_triangular(node: Apply) -> Call:
    """Triangular systems."""
    op = core(node)
    transposed = getattr(op, "trans", 0) in (1, "T", "C", 2)
    attributes = [int(op.lower), int(transposed), int(op.unit_diagonal), int(op.b_ndim)]
    return Call("SolveTriangular", node.inputs, attributes)


def cholesky_solve(node: Apply) -> Call:
    """Systems with a Cholesky factor."""
    op = core(node)
    return Call("CholeskySolve", node.inputs, [int(op.lower), int(op.b_ndim)])


def solve(node: Apply) -> Call:
    """General systems."""
    op = core(node)
    positive = op.assume_a in ("pos", "positive definite")
    return Call("Solve", node.inputs, [int(positive), int(op.b_ndim)])


def eigenvalues(node: Apply) -> Call:
    """Eigenvalues of symmetric matrices, without the vectors."""
    if len(node.inputs) > 1:
        raise UnsupportedOp("Eigvalsh", reason="of two matrices")
    return Call("EighValues", node.inputs, [int(core(node).lower)])


def search_sorted(node: Apply) -> Call:
    """Places in a sorted vector."""
    return Call("SearchSorted", node.inputs, [int(node.op.side == "right")])


def convolution(node: Apply) -> Call:
    """Convolutions of two vectors, everywhere or where the shorter lies inside the longer."""
    if any(vector.type.ndim != 1 for vector in node.inputs[:2]):
        raise UnsupportedOp("Convolve1d", reason="of a batch")
    return Call("Convolve", node.inputs)


def spline(node: Apply) -> Call:
    """Splines of SciPy, as the polynomials that they are."""
    knots, coefficients = node.op.spline.get_knots(), node.op.spline.get_coeffs()
    degree = len(coefficients) - len(knots) + 1
    outside = int(node.op.spline.ext)
    if outside == 2:
        raise UnsupportedOp("SplineWrapper", reason="which raises an error outside its range")
    ends = np.concatenate([[knots[0]] * degree, knots, [knots[-1]] * degree])
    pieces = power_basis(ends, coefficients, degree)
    return Call("Spline", [node.inputs[0], table_of(knots), table_of(pieces)], [outside])


def table_of(array: Any) -> Constant:
    """Make a constant of an array that an op holds."""
    table = np.asarray(array, dtype=np.float64)
    return TensorType("float64", shape=table.shape).make_constant(table)


def power_basis(ends: np.ndarray, coefficients: np.ndarray, degree: int) -> np.ndarray:
    """Coefficients of a spline's polynomials, highest power first, one column per piece.

    Those of a derivative of order k at the start of a piece are the spline's own coefficients,
    differenced k times: de Boor's recurrence with the start as argument.
    """
    starts = np.unique(ends)[:-1]
    pieces = np.empty((degree + 1, len(starts)))
    local, factorial = np.array(coefficients, dtype=float), 1.0
    for order in range(degree + 1):
        left = degree - order
        inner = ends[order : len(ends) - order]
        pieces[left] = [de_boor(inner, local, left, x) / factorial for x in starts]
        if left:
            gaps = inner[left + 1 : left + len(local)] - inner[1 : len(local)]
            local = left * np.diff(local) / np.where(gaps > 0, gaps, np.inf)
        factorial *= order + 1
    return pieces


def de_boor(ends: np.ndarray, coefficients: np.ndarray, degree: int, x: float) -> float:
    """Value of a spline in the piece that begins at or before `x`."""
    k = int(np.searchsorted(ends, x, side="right")) - 1
    local = [coefficients[k - degree + j] for j in range(degree + 1)]
    for r in range(1, degree + 1):
        for j in range(degree, r - 1, -1):
            low, high = ends[k - degree + j], ends[k + 1 + j - r]
            share = (x - low) / (high - low)
            local[j] = (1 - share) * local[j - 1] + share * local[j]
    return float(local[degree])


def core(node: Apply) -> Any:
    """Return the op on one matrix of an op on a batch."""
    return getattr(node.op, "core_op", node.op)


#: Ops by the name of their class. For ops on batches the class of the core op counts.
CALLS: dict[str, Callable[[Apply], Call]] = {
    "Elemwise": elemwise,
    "DimShuffle": dim_shuffle,
    **{name: along_axes for name in ("Sum", "Prod", "Max", "Min", "All", "Any", "Mean")},
    **{name: along_axes for name in ("LogSumExp", "Softmax", "LogSoftmax")},
    "Argmax": argmax,
    "CumOp": cumulative,
    "SortOp": sort("Sort"),
    "ArgSortOp": sort("Argsort"),
    **{name: subtensor for name in ("Subtensor", "AdvancedSubtensor", "AdvancedSubtensor1")},
    **{
        name: inc_subtensor
        for name in ("IncSubtensor", "AdvancedIncSubtensor", "AdvancedIncSubtensor1")
    },
    **{name: check for name in ("CheckAndRaise", "Assert", "CheckParameterValue")},
    **{
        name: plain("Copy", 1)
        for name in (
            "ViewOp",
            "DeepCopyOp",
            "SpecifyShape",
            "Unbroadcast",
            "TensorFromScalar",
            "ScalarFromTensor",
        )
    },
    "Alloc": plain("Alloc"),
    "AllocEmpty": plain("AllocEmpty"),
    "MakeVector": plain("MakeVector"),
    "Join": join,
    "Reshape": plain("Reshape"),
    "Shape": plain("Shape"),
    "Shape_i": shape_axis,
    "JoinDims": join_dims,
    "SplitDims": split_dims,
    "ARange": plain("ARange"),
    "Eye": plain("Eye"),
    "Tri": plain("Tri"),
    "ExtractDiag": diagonal("ExtractDiag"),
    "AllocDiag": diagonal("AllocDiag"),
    "Repeat": repeat,
    "BatchedDot": plain("MatMul"),
    "Cholesky": cholesky,
    "SolveTriangular": solve_triangular,
    "CholeskySolve": cholesky_solve,
    "CholSolve": cholesky_solve,
    "Solve": solve,
    "MatrixInverse": plain("Inverse"),
    "Eigvalsh": eigenvalues,
    "Expm": plain("Expm"),
    "BlockDiagonal": plain("BlockDiagonal"),
    "SearchsortedOp": search_sorted,
    "Convolve1d": convolution,
    "SplineWrapper": spline,
    "FillDiagonal": plain("FillDiagonal"),
    "Det": plain("Det"),
}


def call_of(node: Apply) -> Call:
    """Name, inputs and attributes of a node with one output.

    Parameters
    ----------
    node : Apply
        A node of a PyTensor graph.

    Returns
    -------
    Call
        What to write into the plan.

    Raises
    ------
    UnsupportedOp
        When the op is not in the table.
    """
    name = type(node.op).__name__
    if name == "Blockwise":
        name = type(node.op.core_op).__name__
        if name == "Dot":
            return Call("MatMul", node.inputs)
    elif name == "Dot":
        return Call("Dot", node.inputs)
    function = CALLS.get(name)
    if function is not None:
        return function(node)
    if hasattr(node.op, "impl") and hasattr(node.op, "output_types"):
        return scalar(node)
    raise UnsupportedOp(name)
