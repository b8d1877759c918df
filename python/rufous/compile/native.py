"""Import a PyTensor graph into a plan for the native evaluator.

The graph is walked once, as it was written: nothing is rewritten or compiled here. What depends on
constants alone is computed by the op's own ``perform``; graphs inside ops are taken apart; loops
become graphs of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Apply, Constant, Variable

from rufous.compile.ir import GraphWriter, PlanWriter
from rufous.compile.native_ops import UnsupportedOp, call_of, table_of

#: Constants with more elements than this are given when binding; smaller ones are in the plan.
INLINE = 16

#: The largest result of an op that only repeats what it is given that is computed here; larger
#: ones are better made when bound.
SMALL = 4096


#: Products of a sparse matrix and an array, by the names of their classes.
SPARSE_PRODUCTS = {"Dot", "TrueDot", "StructuredDot"}


@dataclass(frozen=True)
class NativeParameter:
    """A free variable as the native evaluator sees it.

    Parameters
    ----------
    variable : Variable
        The symbolic value variable.
    axes : sequence of tuple (Variable or None, int)
        For each axis the symbolic length of a dimension, if it has one, and a number to be added.
    """

    variable: Variable
    axes: Sequence[tuple[Variable | None, int]]


@dataclass(frozen=True)
class ImportedPlan:
    """A plan and where its data come from.

    Parameters
    ----------
    plan : bytes
        What ``_core.NativePlan.from_bytes`` reads.
    slots : list of Variable
        For each array to be given when binding the shared variable or constant that holds it.
    """

    plan: bytes
    slots: list[Variable]

    def data(self, given: Mapping[Variable, Any] | None = None) -> list[np.ndarray]:
        """List the arrays to bind: those given, and for the rest what the model holds."""
        given = given or {}
        return [
            np.asarray(given[v] if v in given else value_of(v), dtype=np.float64, order="C")
            for v in self.slots
        ]


def value_of(variable: Variable) -> np.ndarray:
    """Return what a shared variable or constant holds."""
    if isinstance(variable, SharedVariable):
        return np.asarray(variable.get_value(borrow=True))
    return np.asarray(variable.data)


def import_graph(
    parameters: Sequence[NativeParameter],
    groups: Mapping[str, Sequence[tuple[str, Variable]]],
) -> ImportedPlan:
    """Turn symbolic outputs into a plan.

    Parameters
    ----------
    parameters : sequence of NativeParameter
        The free variables in the order of the position.
    groups : mapping of str to sequence of tuple (str, Variable)
        Outputs by group (``"logdensity"``, ``"stored"``, ``"pointwise"``), each with the name of
        the model variable that it belongs to. Several outputs in the group ``"logdensity"`` are
        terms to be summed.

    Returns
    -------
    ImportedPlan
        The bytes and the variables that hold the data.

    Raises
    ------
    UnsupportedOp
        When an op has no counterpart; the error names the op and the model variable.
    """
    importer = _Importer()
    main = importer.graph()
    for k, parameter in enumerate(parameters):
        axes = [(importer.slot(v) if v is not None else -1, n) for v, n in parameter.axes]
        variable = parameter.variable
        importer.plan.add_parameter(variable.name or "", axes)
        main.nodes[variable] = main.add("Param", variable, attributes=[k])
    outputs: list[int] = []
    for name, members in groups.items():
        first = len(outputs)
        found = [main.visit(variable, origin) for origin, variable in members]
        if name == "logdensity":
            terms = [main.scalar_sum(k, v) for k, (_, v) in zip(found, members, strict=True)]
            found = [main.writer.add("Add", terms, origin="logdensity")]
        outputs += found
        importer.plan.add_group(name, first, len(outputs) - first)
    importer.plan.graphs[0] = main.writer.to_bytes(outputs)
    return ImportedPlan(importer.plan.to_bytes(), importer.slots)


@dataclass
class _Importer:
    """What all graphs of a plan share."""

    plan: PlanWriter = field(default_factory=PlanWriter)
    slots: list[Variable] = field(default_factory=list)
    _slot_of: dict[Variable, int] = field(default_factory=dict)

    def graph(self) -> "_Graph":
        """Begin a new graph of the plan."""
        self.plan.graphs.append(b"")
        return _Graph(self, GraphWriter(self.plan.strings), len(self.plan.graphs) - 1)

    def slot(self, variable: Variable) -> int:
        """Return the slot of a variable that holds data."""
        if variable not in self._slot_of:
            kind = variable.type
            index = self.plan.add_slot(variable.name or "", kind.dtype, kind.ndim)
            self._slot_of[variable] = index
            self.slots.append(variable)
        return self._slot_of[variable]


@dataclass
class _Graph:
    """The walk through one graph."""

    importer: _Importer
    writer: GraphWriter
    index: int
    nodes: dict[Variable, int] = field(default_factory=dict)
    known: dict[Variable, np.ndarray] = field(default_factory=dict)
    origin: str = ""

    def visit(self, variable: Variable, origin: str = "") -> int:
        """Return the node that computes `variable`, written now if it is not there yet."""
        if origin:
            self.origin = origin
        self.walk(variable)
        return self.number(variable)

    def walk(self, variable: Variable) -> None:
        """Write or compute all that a variable needs, and itself."""
        stack = [variable]
        while stack:
            top = stack[-1]
            if top in self.nodes or top in self.known:
                stack.pop()
                continue
            if top.owner is None:
                self.leaf(top)
                stack.pop()
                continue
            waiting = [
                v for v in self.needs(top.owner) if v not in self.nodes and v not in self.known
            ]
            if waiting:
                stack.extend(waiting)
                continue
            self.apply(top.owner)
            stack.pop()

    def number(self, variable: Variable) -> int:
        """Return the node of a visited variable; constants are written when first read."""
        if variable not in self.nodes:
            self.nodes[variable] = self.constant(variable, self.known[variable])
        return self.nodes[variable]

    def add(
        self, op: str, out: Variable, inputs: Sequence[int] = (), attributes: Sequence[int] = ()
    ) -> int:
        """Write a node that computes `out`."""
        kind = out.type
        shape = getattr(kind, "shape", ())
        try:
            return self.writer.add(
                op, inputs, attributes, dtype=kind.dtype, shape=shape, origin=self.origin
            )
        except TypeError as error:
            raise UnsupportedOp(op, self.origin, str(error)) from None

    def scalar_sum(self, number: int, variable: Variable) -> int:
        """Sum over all elements of a node."""
        ndim = variable.type.ndim
        return self.writer.add("Sum", [number], range(ndim)) if ndim else number

    def leaf(self, variable: Variable) -> None:
        """Take a constant, data, or something that should not be there."""
        if isinstance(variable, SharedVariable):
            if not hasattr(variable.type, "ndim"):
                raise UnsupportedOp(type(variable).__name__, self.origin, "not an array")
            slot = self.importer.slot(variable)
            self.nodes[variable] = self.add("Slot", variable, attributes=[slot])
        elif isinstance(variable, Constant):
            self.known[variable] = variable.data
        else:
            name = variable.name or str(variable)
            raise UnsupportedOp(f"input {name!r}", self.origin, "neither a parameter nor data")

    def constant(self, variable: Variable, value: Any) -> int:
        """Write a known value: small ones into the plan, the others as data."""
        value = np.asarray(value)
        if value.dtype == object or value.dtype.kind not in "fiub":
            raise UnsupportedOp("Constant", self.origin, f"a constant of dtype {value.dtype}")
        if value.size > INLINE:
            if not isinstance(variable, Constant):
                variable = type(variable.type).make_constant(variable.type, value)
            slot = self.importer.slot(variable)
            return self.add("Slot", variable, attributes=[slot])
        index = self.importer.plan.add_constant(value)
        return self.writer.add(
            "Constant", attributes=[index], dtype=value.dtype.name, shape=value.shape
        )

    def needs(self, node: Apply) -> Iterable[Variable]:
        """List the inputs that must be visited before a node."""
        return list(node.inputs)

    def apply(self, node: Apply) -> None:
        """Write a node, or compute it if its inputs are known."""
        name = type(node.op).__name__
        if is_symbolic(node):
            self.inline(node)
        elif self.fold(node, name):
            pass
        elif name == "Scan":
            self.scan(node)
        elif name == "Split":
            self.split(node)
        elif core_name(node) in {"Nonzero", "IfElse", "SLogDet", "Eigh"}:
            self.several(node)
        elif any(is_sparse(self.known.get(v)) for v in node.inputs):
            self.sparse(node)
        else:
            try:
                call = call_of(node)
            except UnsupportedOp as error:
                raise UnsupportedOp(error.op, self.origin, error.reason) from None
            for variable in call.inputs:
                if isinstance(variable, Constant):
                    self.known.setdefault(variable, variable.data)
            numbers = [self.number(v) for v in call.inputs]
            [out] = node.outputs
            self.nodes[out] = self.add(call.op, out, numbers, call.attributes)

    def fold(self, node: Apply, name: str) -> bool:
        """Compute a node of known inputs by the op's own function."""
        if name == "Scan" or not node.inputs or any(v not in self.known for v in node.inputs):
            return False
        values = [self.known[v] for v in node.inputs]
        if repeated_size(node, values) > SMALL:
            return False
        storage: list[list[Any]] = [[None] for _ in node.outputs]
        try:
            with np.errstate(all="ignore"):
                # Elementwise ops learn here in which precision to compute.
                node.op.prepare_node(node, None, None, "py")
                node.op.perform(node, values, storage)
        except Exception:
            # The op's own objection comes up again, if at all, with the node in place.
            return False
        for out, cell in zip(node.outputs, storage, strict=True):
            self.known[out] = cell[0]
        return True

    def inline(self, node: Apply) -> None:
        """Take apart an op that is a graph itself."""
        graph = node.op.fgraph
        inner = _Graph(self.importer, self.writer, self.index, origin=self.origin)
        for formal, actual in zip(graph.inputs, node.inputs, strict=True):
            if actual in self.known:
                inner.known[formal] = self.known[actual]
            else:
                inner.nodes[formal] = self.nodes[actual]
        for formal, out in zip(graph.outputs, node.outputs, strict=True):
            inner.walk(formal)
            if formal in inner.known:
                self.known[out] = inner.known[formal]
            else:
                self.nodes[out] = inner.nodes[formal]

    def several(self, node: Apply) -> None:
        """Ops with several outputs, one node each."""
        name = core_name(node)
        if name == "Eigh" and len(node.inputs) > 1:
            raise UnsupportedOp("Eigh", self.origin, "of two matrices")
        numbers = [self.number(v) for v in node.inputs]
        for k, out in enumerate(node.outputs):
            if name == "SLogDet":
                self.nodes[out] = self.add(("SLogDetSign", "SLogDetLog")[k], out, numbers)
            elif name == "Eigh":
                lower = int(getattr(node.op, "core_op", node.op).lower)
                self.nodes[out] = self.add(("EighValues", "EighVectors")[k], out, numbers, [lower])
            elif name == "Nonzero":
                self.nodes[out] = self.add("Nonzero", out, numbers, [k])
            else:
                count = len(node.outputs)
                branches = [numbers[0], numbers[1 + k], numbers[1 + count + k]]
                self.nodes[out] = self.add("Switch", out, branches)

    def split(self, node: Apply) -> None:
        """Write the pieces of an array; the axis is an input or a property."""
        numbers = [self.number(v) for v in node.inputs]
        if len(numbers) == 2:
            axis = self.importer.plan.add_constant(np.asarray(node.op.axis, dtype=np.int64))
            numbers.insert(1, self.writer.add("Constant", attributes=[axis], dtype="int64"))
        for k, out in enumerate(node.outputs):
            self.nodes[out] = self.add("Split", out, numbers, [k])

    def sparse(self, node: Apply) -> None:
        """Write a product of a known sparse matrix and a dense array."""
        [out] = node.outputs
        left = [is_sparse(self.known.get(v)) for v in node.inputs]
        if type(node.op).__name__ not in SPARSE_PRODUCTS or left not in (
            [True, False],
            [False, True],
        ):
            raise UnsupportedOp(type(node.op).__name__, self.origin, "of a sparse matrix")
        matrix, array = node.inputs if left[0] else node.inputs[::-1]
        sparse: Any = self.known[matrix]
        entries = sparse.tocoo()
        to, source = (entries.row, entries.col) if left[0] else (entries.col, entries.row)
        rows = entries.shape[0 if left[0] else 1]
        tables = [table_of(table) for table in (entries.data, to, source)]
        self.known.update({table: table.data for table in tables})
        numbers = [self.number(v) for v in (array, *tables)]
        self.nodes[out] = self.add("SparseDot", out, numbers, [rows, int(left[1])])

    def scan(self, node: Apply) -> None:
        """Write a loop: its body is a graph of its own."""
        op, info = node.op, node.op.info
        if info.as_while or info.mit_mot_in_slices or info.n_untraced_sit_sot:
            raise UnsupportedOp("Scan", self.origin, "a loop of this kind")
        taps = [*info.mit_sot_in_slices, *info.sit_sot_in_slices]
        body = self.importer.graph()
        body.origin = self.origin
        for k, formal in enumerate(op.fgraph.inputs):
            body.nodes[formal] = body.add("Inner", formal, attributes=[k])
        outputs = [body.visit(formal) for formal in op.fgraph.outputs]
        self.importer.plan.graphs[body.index] = body.writer.to_bytes(outputs)
        attributes = [body.index, info.n_seqs, len(taps)]
        for own in taps:
            attributes += [len(own), *(int(tap) for tap in own)]
        attributes.append(info.n_nit_sot)
        numbers = [self.number(v) for v in node.inputs]
        loop = self.writer.add("Scan", numbers, attributes, origin=self.origin)
        for k, out in enumerate(node.outputs):
            self.nodes[out] = self.add("ScanOutput", out, [loop], [k])


def repeated_size(node: Apply, values: Sequence[Any]) -> int:
    """Count the elements of what only repeats its input; 0 for all other ops."""
    name = type(getattr(node.op, "scalar_op", node.op)).__name__
    if name == "Alloc":
        return prod(int(n) for n in values[1:])
    if name == "AllocEmpty":
        return prod(int(n) for n in values)
    if name == "Second":
        return prod(np.broadcast_shapes(*(np.shape(value) for value in values)))
    return 0


def is_symbolic(node: Apply) -> bool:
    """Whether an op is a graph that can be taken apart, and not one of those we know by name."""
    known = {"Scan", "Softmax", "LogSoftmax", "LogSumExp", "Blockwise"}
    return hasattr(node.op, "fgraph") and type(node.op).__name__ not in known


def core_name(node: Apply) -> str:
    """Name the class of an op, or of the op on one matrix of an op on a batch."""
    return type(getattr(node.op, "core_op", node.op)).__name__


def is_sparse(value: Any) -> bool:
    """Whether a known value is a sparse matrix of SciPy."""
    return hasattr(value, "tocoo")
