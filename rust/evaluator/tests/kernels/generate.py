"""Write the reference tables of the kernels: arguments and results to 1/256 ulp, from mpmath.

Usage: ``python generate.py [points] [folder] [name ...]``. Each line holds the bits of the
arguments, the bits of the result rounded to nearest, and the rest in 1/256 ulp.
"""

import math
import random
import struct
import sys
from pathlib import Path

import mpmath as mp

mp.mp.dps = 50
SQRT_HALF = 1 / mp.sqrt(2)


def erfcx(x):
    """Scale erfc(x) by exp(x^2)."""
    with mp.workdps(70):
        if x > 1000:
            s = t = mp.mpf(1)
            for k in range(1, 12):
                t *= -(2 * k - 1) / (2 * x * x)
                s += t
            return s / (x * mp.sqrt(mp.pi))
        return mp.exp(x * x) * mp.erfc(x)


def log_erfc(x):
    """Take the logarithm of erfc without its underflow."""
    return mp.log(erfcx(x)) - x * x if x > 0 else mp.log(mp.erfc(x))


def log_ndtr(x):
    """Take the logarithm of the normal distribution function."""
    if x > 5:
        return mp.log1p(-mp.erfc(x * SQRT_HALF) / 2)
    return log_erfc(-x * SQRT_HALF) - mp.log(2)


def ratio(x):
    """Divide the normal density by its distribution function."""
    return mp.sqrt(2 / mp.pi) / erfcx(-x * SQRT_HALF)


def lgamma(x):
    """Take the logarithm of the absolute gamma function."""
    return mp.log(abs(mp.gamma(x))) if abs(x) < 50 else mp.re(mp.loggamma(x))


def uniform(a, b):
    """Draw between two numbers."""
    return lambda: random.uniform(a, b)


def wide(a, b, sign=0):
    """Draw with a uniform exponent; sign 1, -1 or either (0)."""

    def draw():
        x = 10 ** random.uniform(a, b)
        return -x if sign < 0 or (sign == 0 and random.random() < 0.5) else x

    return draw


def near(c, width):
    """Draw around a number at all distances down to 1e-16."""
    return lambda: c + (c or 1) * random.choice([-1, 1]) * 10 ** random.uniform(-16, width)


ONE = {
    "exp": (mp.exp, [uniform(-20, 20), uniform(-745, 709.7), wide(-18, 0)]),
    "exp2": (lambda x: mp.mpf(2) ** x, [uniform(-20, 20), uniform(-1074, 1023.9), wide(-18, 0)]),
    "expm1": (mp.expm1, [uniform(-2, 2), uniform(-40, 709), wide(-300, 0)]),
    "log": (mp.log, [uniform(0, 2), wide(-307, 308, 1), near(1, -1), wide(-323, -308, 1)]),
    "log1p": (mp.log1p, [uniform(-1, 2), wide(-300, 300, 1), wide(-20, -1, -1), near(-1, -1)]),
    "log2": (lambda x: mp.log(x, 2), [uniform(0, 2), wide(-307, 308, 1), near(1, -1)]),
    "log10": (lambda x: mp.log(x, 10), [uniform(0, 2), wide(-307, 308, 1), near(1, -1)]),
    "log1mexp": (
        lambda x: mp.log(-mp.expm1(x)) if x > -1 else mp.log1p(-mp.exp(x)),
        [uniform(-3, 0), uniform(-700, 0), wide(-300, 0, -1)],
    ),
    "softplus": (lambda x: mp.log1p(mp.exp(x)), [uniform(-3, 3), uniform(-700, 700), wide(-18, 0)]),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), [uniform(-3, 3), uniform(-700, 60), wide(-18, 0)]),
    "tanh": (mp.tanh, [uniform(-2, 2), uniform(-22, 22), wide(-300, 0)]),
    "sinh": (mp.sinh, [uniform(-2, 2), uniform(-710, 710), wide(-300, 0)]),
    "cosh": (mp.cosh, [uniform(-2, 2), uniform(-710, 710), wide(-18, 0)]),
    "asinh": (mp.asinh, [uniform(-2, 2), wide(-300, 300)]),
    "acosh": (mp.acosh, [uniform(1, 3), wide(0, 300, 1)]),
    "atanh": (mp.atanh, [uniform(-1, 1), wide(-300, 0)]),
    "sin": (mp.sin, [uniform(-10, 10), uniform(-1e6, 1e6), wide(-300, 0), wide(0, 20)]),
    "cos": (mp.cos, [uniform(-10, 10), uniform(-1e6, 1e6), wide(-18, 0), wide(0, 20)]),
    "tan": (mp.tan, [uniform(-10, 10), uniform(-1e6, 1e6), wide(-300, 0)]),
    "atan": (mp.atan, [uniform(-4, 4), wide(-300, 300)]),
    "asin": (mp.asin, [uniform(-1, 1), wide(-300, 0), near(1, -1)]),
    "acos": (mp.acos, [uniform(-1, 1), near(1, -1), near(-1, -1)]),
    "lgamma": (lgamma, [uniform(0, 12), wide(-300, 300, 1), near(1, -1), near(2, -1)]),
    "digamma": (mp.digamma, [uniform(0, 12), wide(-300, 300, 1), near(1.4616321449683622, -1)]),
    "trigamma": (lambda x: mp.psi(1, x), [uniform(0, 12), wide(-150, 300, 1)]),
    "lgamma_negative": (lgamma, [uniform(-20, 0)]),
    "digamma_negative": (mp.digamma, [uniform(-20, 0)]),
    "trigamma_negative": (lambda x: mp.psi(1, x), [uniform(-20, 0)]),
    "erf": (mp.erf, [uniform(-6, 6), wide(-300, 0), uniform(-1, 1)]),
    "erfc": (mp.erfc, [uniform(-6, 6), uniform(0, 27.2), wide(-18, 0)]),
    "erfcx": (erfcx, [uniform(-3, 6), uniform(-26.6, 0), wide(-18, 200, 1)]),
    "log_erfc": (log_erfc, [uniform(-6, 6), uniform(-30, 100), wide(-18, 0)]),
    "log_ndtr": (log_ndtr, [uniform(-6, 6), uniform(-300, 30), wide(-18, 0)]),
    "log_ndtr_ratio": (ratio, [uniform(-6, 6), uniform(-300, 30), wide(-18, 0)]),
    "ndtr": (lambda x: mp.erfc(-x * SQRT_HALF) / 2, [uniform(-1, 8)]),
    "ndtr_left": (lambda x: mp.erfc(-x * SQRT_HALF) / 2, [uniform(-37, -1)]),
    "i0": (lambda x: mp.besseli(0, x), [uniform(-30, 30), wide(-10, 2.8)]),
    "i1": (lambda x: mp.besseli(1, x), [uniform(-30, 30), wide(-10, 2.8)]),
    "i0e": (lambda x: mp.exp(-abs(x)) * mp.besseli(0, x), [uniform(-30, 30), wide(-10, 2.8)]),
    "i1e": (lambda x: mp.exp(-abs(x)) * mp.besseli(1, x), [uniform(-30, 30), wide(-10, 2.8)]),
}
TWO = {
    "pow": (
        lambda x, y: x**y,
        [
            (uniform(0, 10), uniform(-20, 20)),
            (wide(-50, 50, 1), uniform(-6, 6)),
            (near(1, -1), wide(0, 4)),
        ],
    ),
    "atan2": (mp.atan2, [(uniform(-5, 5), uniform(-5, 5)), (wide(-100, 100), wide(-100, 100))]),
    "log_add_exp": (
        lambda x, y: mp.log(mp.exp(x) + mp.exp(y)),
        [(uniform(5, 50), uniform(-50, 50)), (uniform(-800, -5), uniform(-800, -5))],
    ),
    "betaln": (
        lambda x, y: mp.loggamma(x) + mp.loggamma(y) - mp.loggamma(x + y),
        [(uniform(0, 5), uniform(0, 5)), (wide(-3, 3, 1), wide(-3, 3, 1))],
    ),
}


def bits(x):
    """Spell a float as its bits."""
    return struct.pack(">d", x).hex()


def line(arguments, y):
    """Spell one entry, or None where the result is out of range."""
    high = float(y)
    if not math.isfinite(high) or high == 0:
        return None
    rest = int(mp.nint((y - high) / math.ulp(high) * 256))
    return f"{' '.join(map(bits, arguments))} {bits(high)} {rest}\n"


def main():
    """Write the tables."""
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 120
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent / "reference"
    folder.mkdir(exist_ok=True)
    for name, (f, sources) in (ONE | TWO).items():
        if len(sys.argv) > 3 and name not in sys.argv[3:]:
            continue
        random.seed(name)
        lines = []
        while len(lines) < points:
            draw = sources[len(lines) % len(sources)]
            arguments = [d() for d in draw] if isinstance(draw, tuple) else [draw()]
            try:
                entry = line(arguments, f(*map(mp.mpf, arguments)))
            except (ValueError, ZeroDivisionError, TypeError):
                continue
            if entry:
                lines.append(entry)
        (folder / f"{name}.txt").write_text("".join(lines))


if __name__ == "__main__":
    main()
