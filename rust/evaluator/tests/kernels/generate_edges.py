"""Write what NumPy and SciPy return at the edges: ``reference/edges.txt``.

Each line holds the name of a kernel, the bits of its arguments and of its result.
"""

import itertools
import struct
from pathlib import Path

import numpy as np
import scipy.special as sp

TINY = 5e-324
X = [
    0.0,
    TINY,
    2.2250738585072014e-308,
    1e-20,
    0.5,
    1.0,
    2.0,
    2.5,
    3.0,
    40.0,
    710.0,
    1.7976931348623157e308,
]
X = [s * x for x in X for s in (1.0, -1.0)] + [np.inf, -np.inf, np.nan]
PAIRS = [0.0, -0.0, 1.0, -1.0, 0.25, -2.5, 3.0, 1e300, np.inf, -np.inf, np.nan]
ONE = {
    "neg": np.negative,
    "abs": np.abs,
    "sign": np.sign,
    "sqr": np.square,
    "sqrt": np.sqrt,
    "reciprocal": np.reciprocal,
    "floor": np.floor,
    "ceil": np.ceil,
    "trunc": np.trunc,
    "round_half_even": np.rint,
    "is_nan": np.isnan,
    "is_inf": np.isinf,
    "is_finite": np.isfinite,
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "log2": np.log2,
    "log10": np.log10,
    "softplus": lambda x: np.logaddexp(0.0, x),
    "sigmoid": sp.expit,
    "log_sigmoid": sp.log_expit,
    "logit": sp.logit,
    "log1mexp": lambda x: np.where(x > -1e-5, np.log(-np.expm1(x)), np.log1p(-np.exp(x))),
    "tanh": np.tanh,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "lgamma": sp.gammaln,
    "digamma": sp.psi,
    "erf": sp.erf,
    "erfc": sp.erfc,
    "erfcx": sp.erfcx,
    "ndtr": sp.ndtr,
    "log_ndtr": sp.log_ndtr,
}
TWO = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "min": np.minimum,
    "max": np.maximum,
    "floor_div": np.floor_divide,
    "modulo": np.mod,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "xor": np.logical_xor,
    "pow": np.power,
    "atan2": np.arctan2,
    "log_add_exp": np.logaddexp,
    "xlogy": sp.xlogy,
    "xlog1py": sp.xlog1py,
    "copysign": np.copysign,
}


def bits(x):
    """Spell a float as its bits."""
    return struct.pack(">d", float(x)).hex()


def main():
    """Write the table."""
    lines = []
    with np.errstate(all="ignore"):
        for name, f in ONE.items():
            lines += [f"{name} {bits(x)} {bits(f(np.float64(x)))}\n" for x in X]
        for name, f in TWO.items():
            for a, b in itertools.product(PAIRS, PAIRS):
                lines.append(
                    f"{name} {bits(a)} {bits(b)} {bits(f(np.float64(a), np.float64(b)))}\n"
                )
    (Path(__file__).parent / "reference" / "edges.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
