"""Rebuilding graphs."""

import pytensor.tensor as pt

from rufous.model.python_linker import run
from rufous.model.replace import Replacer


def test_shared_parts_stay_shared():
    x, y = pt.dscalar("x"), pt.dscalar("y")
    common = pt.exp(x)
    replace = Replacer({x: y})
    [a] = replace([common + 1])
    [b] = replace([common * 2])
    assert a.owner.inputs[0] is b.owner.inputs[0]


def test_what_holds_no_replaced_variable_is_left_alone():
    x, z = pt.dscalar("x"), pt.dscalar("z")
    graph = pt.exp(z)
    assert Replacer({x: pt.constant(1.0)})([graph]) == [graph]


def test_a_replacement_may_have_a_narrower_type():
    x = pt.dvector("x")
    [graph] = Replacer({x: pt.constant([1.0, 2.0])})([x.sum() + x[0]])
    assert run([graph])[0] == 4.0


def test_replacements_may_come_one_by_one():
    x, y = pt.dscalar("x"), pt.dscalar("y")
    replace = Replacer()
    replace.set(x, pt.constant(2.0))
    [value] = replace([x * 3])
    replace.set(y, value)
    assert run(replace([y + x]))[0] == 8.0


def test_long_chains_do_not_exhaust_the_stack():
    x = graph = pt.dscalar("x")
    for _ in range(3000):
        graph = graph + 1.0
    [rebuilt] = Replacer({x: pt.constant(1.0)})([graph])
    assert rebuilt is not graph
