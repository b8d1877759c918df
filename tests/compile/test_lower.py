from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
from pytensor.compile.mode import get_mode
from pytensor.graph.basic import Constant

from rufous.compile.lower import MAX_INLINE_SIZE, lower

NUMBA = get_mode("NUMBA")


def arrays_inside(lowered):
    return [
        variable.data
        for node in lowered.graph.toposort()
        for variable in node.inputs
        if isinstance(variable, Constant) and np.ndim(variable.data)
    ]


def test_large_constants_become_inputs():
    x = pt.dvector("x")
    data = np.linspace(0, 1, 20)
    lowered = lower([x], {}, [(x * data).sum()], NUMBA)
    assert [slot.ndim for slot in lowered.slots] == [1]
    assert np.array_equal(lowered.slots[0].array({}), data)
    assert len(lowered.graph.inputs) == 2
    assert not arrays_inside(lowered)


def test_what_depends_on_constants_alone_is_computed_once():
    x = pt.dscalar("x")
    data = np.linspace(1, 5, 20)
    lowered = lower([x], {}, [x * pt.gammaln(pt.constant(data)).sum()], NUMBA)
    assert not lowered.slots
    assert "GammaLn" not in str(lowered.graph)


def test_small_constants_stay_and_are_contiguous():
    x = pt.dvector("x")
    strided = np.arange(2.0 * MAX_INLINE_SIZE)[::2]
    assert not strided.flags.c_contiguous
    lowered = lower([x], {}, [x * strided], NUMBA)
    assert not lowered.slots
    assert all(array.flags.c_contiguous for array in arrays_inside(lowered))


def test_unused_data_are_left_out():
    x, used, unused = pt.dvector("x"), pt.dvector("used"), pt.dvector("unused")
    lowered = lower([x], {"used": used, "unused": unused}, [x + used], NUMBA)
    assert [slot.name for slot in lowered.slots] == ["used"]


def test_slots_convert_arrays():
    x, data = pt.dvector("x"), pt.lmatrix("data")
    [slot] = lower([x], {"data": data}, [x.sum() * data], NUMBA).slots
    array = slot.array({"data": np.asfortranarray(np.ones((2, 3)))})
    assert array.dtype == np.int64
    assert array.flags.c_contiguous
    same = np.ones((2, 3), dtype=np.int64)
    assert slot.array({"data": same}) is same


def test_equal_functions_give_slots_in_equal_order():
    def slots():
        x = pt.dvector("x")
        first, second = np.linspace(0, 1, 20), np.linspace(5, 6, 20)
        return lower([x], {}, [pt.exp(x * first).sum() + (x**2 * second).sum()], NUMBA).slots

    for one, other in zip(slots(), slots(), strict=True):
        assert np.array_equal(one.constant, other.constant)


def test_no_operation_writes_into_an_input():
    x, data = pt.dvector("x"), pt.dvector("data")
    y = pt.exp(pt.set_subtensor(x[0], 0.0) + pt.set_subtensor(data[1], 0.0))
    lowered = lower([x], {"data": data}, [y], NUMBA)
    for node in lowered.graph.toposort():
        for inputs in node.op.destroy_map.values():
            assert all(node.inputs[i] not in lowered.graph.inputs for i in inputs)
