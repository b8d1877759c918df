"""The generated functions are plain Python: run them with arrays in the place of pointers."""

from __future__ import annotations

import numpy as np
import pytest

from rufous.compile.lower import DataSlot
from rufous.compile.wrapper import expand_source, logp_dlogp_source, table_length
from rufous.layout import Layout

LAYOUT = Layout.from_shapes({"a": (), "b": (2,), "c": (2, 2)})
SLOTS = (
    DataSlot(np.dtype(np.float64), 2, name="x"),
    DataSlot(np.dtype(np.int64), 0, name="n"),
    DataSlot(np.dtype(bool), 1, name="flags"),
)


class Memory:
    """Stands for addresses: the position at 0, data at the numbers in the table."""

    def __init__(self, position, data):
        self.position, self.data = position, data

    def array_at(self, address, shape, dtype):
        if address in self.data:
            array = self.data[address]
            assert array.shape == shape
            assert array.dtype == dtype
            return array
        start = address // 8
        return self.position[start : start + int(np.prod(shape))].reshape(shape)


def function(source, name, inner, memory):
    environment = {
        "np": np,
        "int64": np.int64,
        "inner": inner,
        "address_of": lambda pointer: 0,
        "array_at": memory.array_at,
    }
    exec(source, environment)
    return environment[name]


DATA = {
    1001: np.arange(6.0).reshape(2, 3),
    1002: np.array(7),
    1003: np.array([True, False]),
}
TABLE = [0, 0, 1001, 2, 3, 1002, 1003, 2]


def test_pieces_of_the_position_and_data_reach_the_graph():
    position = np.arange(7.0)
    seen = []

    def inner(*arguments):
        seen.extend(arguments)
        return np.array(1.5), np.array(10.0), np.array([20.0, 21.0]), np.array([[1.0, 2], [3, 4]])

    gradient, logp = np.zeros(7), np.zeros(1)
    source = logp_dlogp_source(LAYOUT, SLOTS, first_entry=2)
    call = function(source, "logp_dlogp", inner, Memory(position, DATA))
    assert call(7, position, gradient, logp, TABLE) == 0
    assert [np.shape(value) for value in seen] == [(), (2,), (2, 2), (2, 3), (), (2,)]
    assert seen[0] == 0.0
    assert seen[2].tolist() == [[3.0, 4.0], [5.0, 6.0]]
    assert logp[0] == 1.5
    assert gradient.tolist() == [10.0, 20.0, 21.0, 1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("where", ["value", "gradient"])
def test_not_finite(bad, where):
    value = bad if where == "value" else 0.0
    element = bad if where == "gradient" else 0.0
    layout = Layout.from_shapes({"a": (2,)})
    gradient, logp = np.zeros(2), np.zeros(1)
    call = function(
        logp_dlogp_source(layout, (), 0),
        "logp_dlogp",
        lambda a: (np.array(value), np.array([0.0, element])),
        Memory(np.zeros(2), {}),
    )
    assert call(2, np.zeros(2), gradient, logp, [0]) == 1


def test_an_exception_fills_the_outputs():
    def inner(*arguments):
        raise ValueError("no value here")

    layout = Layout.from_shapes({"a": (2,)})
    memory = Memory(np.zeros(2), {})
    gradient, logp, values = np.zeros(2), np.zeros(1), np.zeros(3)
    call = function(logp_dlogp_source(layout, (), 0), "logp_dlogp", inner, memory)
    assert call(2, np.zeros(2), gradient, logp, [0]) == 2
    assert np.isnan(gradient).all()
    assert np.isnan(logp).all()
    call = function(expand_source(layout, [1], (), 0), "expand", inner, memory)
    assert call(2, np.zeros(2), 3, values, [0]) == 2
    assert np.isnan(values).all()


def test_stored_variables_in_row_major_order():
    layout = Layout.from_shapes({"a": (2,)})
    values = np.zeros(6)

    def inner(a):
        return a, np.array(5), np.array([[True, False, True]]).T

    memory = Memory(np.array([1.0, 2.0]), {})
    call = function(expand_source(layout, [1, 0, 2], (), 0), "expand", inner, memory)
    assert call(2, np.zeros(2), 6, values, [0]) == 0
    assert values.tolist() == [1.0, 2.0, 5.0, 1.0, 0.0, 1.0]


def test_wrong_sizes_are_fatal():
    layout = Layout.from_shapes({"a": (2,)})
    memory = Memory(np.zeros(2), {})
    too_long = function(
        logp_dlogp_source(layout, (), 0),
        "logp_dlogp",
        lambda a: (np.array(0.0), np.zeros(3)),
        memory,
    )
    assert too_long(2, np.zeros(2), np.zeros(2), np.zeros(1), [0]) < 0
    assert too_long(3, np.zeros(3), np.zeros(3), np.zeros(1), [0]) < 0
    stored = function(expand_source(layout, [1], (), 0), "expand", lambda a: (np.zeros(3),), memory)
    assert stored(2, np.zeros(2), 2, np.zeros(2), [0]) < 0


def test_table_length():
    assert table_length(SLOTS) == 3 + 1 + 2
    assert table_length(()) == 0
