"""Fit the polynomials and rational functions of the kernels and print their coefficients.

Usage: ``python coefficients.py [name ...]``. Near-minimax fits by Lawson's reweighted least
squares in 60 digits (rational ones linearised about the last denominator); the printed error is
the largest weighted one on the nodes.
"""

import sys

import mpmath as mp

mp.mp.dps = 60


def nodes(a, b, count):
    """Return Chebyshev nodes."""
    a, b = mp.mpf(a), mp.mpf(b)
    return [
        (a + b) / 2 + (b - a) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * count)) for i in range(count)
    ]


def solve(rows, rhs):
    """Solve a least squares problem."""
    a = mp.matrix(rows)
    return mp.lu_solve(a.T * a, a.T * mp.matrix(rhs))


def fit(f, weight, a, b, top, bottom=0):
    """Fit P / Q, Q(0) = 1, of these degrees to f; errors are multiplied by the weight."""
    xs = nodes(a, b, 4 * (top + bottom + 2))
    fs, ws = [f(x) for x in xs], [weight(x) for x in xs]
    lawson, den, best = [mp.mpf(1)] * len(xs), [mp.mpf(1)] * len(xs), None
    for iteration in range(16 if bottom else 12):
        rows, rhs = [], []
        for x, y, w, emphasis, d in zip(xs, fs, ws, lawson, den, strict=True):
            s = w * mp.sqrt(emphasis) / d
            rows.append(
                [s * x**k for k in range(top + 1)] + [-s * y * x**k for k in range(1, bottom + 1)]
            )
            rhs.append(s * y)
        c = list(solve(rows, rhs))
        p, q = c[: top + 1], [mp.mpf(1), *c[top + 1 :]]
        den = [abs(mp.polyval(q[::-1], x)) for x in xs]
        errors = [
            abs((mp.polyval(p[::-1], x) / mp.polyval(q[::-1], x) - y) * w)
            for x, y, w in zip(xs, fs, ws, strict=True)
        ]
        if best is None or max(errors) < best[0]:
            best = max(errors), p, q
        if iteration >= (4 if bottom else 0):
            lawson = [old * e for old, e in zip(lawson, errors, strict=True)]
            total = sum(lawson)
            lawson = [new / total * len(xs) + mp.mpf(10) ** -8 for new in lawson]
    return best


def series(z, terms, f):
    """Use a series below 1e-10, where the formula would cancel."""
    return sum(c * z**k for k, c in enumerate(terms)) if z < mp.mpf(10) ** -10 else f(z, mp.sqrt(z))


def relative(f):
    """Weigh errors by the size of the function."""
    return lambda x: 1 / f(x)


def apart(f, *zeros):
    """Step off the zeros of a quotient."""
    return lambda x: f(
        x + mp.mpf(10) ** -18 if any(abs(x - z) < mp.mpf(10) ** -20 for z in zeros) else x
    )


def erfcx(x):
    """Scale erfc by exp(x^2)."""
    return 1 / (x * mp.sqrt(mp.pi)) if x > 10**15 else mp.exp(x * x) * mp.erfc(x)


THIRD = mp.mpf(1) / 3
HALF_LN2 = mp.log(2) / 2 * mp.mpf("1.001")
ATANH_LOG = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.002")
QUARTER = (mp.pi / 4 * mp.mpf("1.0005")) ** 2
EIGHTH = (mp.tan(mp.pi / 8) * mp.mpf("1.0005")) ** 2
LARGE = mp.mpf(1) / 64
ZERO = mp.findroot(mp.digamma, mp.mpf("1.4616321449683623"))


def atanh_rest(z):
    """Return (atanh(s) / s - 1) / s^2."""
    return series(z, [THIRD, mp.mpf(1) / 5], lambda z, s: (mp.atanh(s) / s - 1) / z)


def pow_rest(z, s):
    """Return (atanh(s) / s - 1 - s^2 / 3) / s^4."""
    return (mp.atanh(s) / s - 1 - z / 3) / z**2


def erf_ratio(z):
    """Return erf(x) / x."""
    return series(z, [2 / mp.sqrt(mp.pi), -2 / mp.sqrt(mp.pi) / 3], lambda z, x: mp.erf(x) / x)


def scaled_erfcx(q):
    """Return (1 + 2 x) erfcx(x) for q = (x - 3) / (x + 3)."""
    x = 3 * (1 + q) / (1 - q)
    return (1 + 2 * x) * erfcx(x)


def stirling_rest(_, s):
    """Return x times what Stirling's formula leaves of lgamma, for x = 1 / s."""
    x = 1 / s
    main = (x - mp.mpf(1) / 2) * mp.log(x) - x + mp.log(2 * mp.pi) / 2
    return x * (mp.loggamma(x) - main)


lgamma_ratio = apart(lambda x: mp.loggamma(x) / ((x - 1) * (x - 2)), 1, 2)
digamma_ratio = apart(lambda x: mp.digamma(x) / (x - ZERO), ZERO)


def shifted(f, by):
    """Count the argument from another origin."""
    return lambda u: f(u + by)


LG = shifted(lgamma_ratio, mp.mpf("0.75"))
DG = shifted(digamma_ratio, 1)
TG = shifted(lambda x: mp.psi(1, x), 1)

FITS = {
    "exp": (
        lambda r: (mp.expm1(r) - r) / r**2,
        lambda r: r**2 / mp.expm1(r),
        -HALF_LN2,
        HALF_LN2,
        9,
    ),
    "log": (atanh_rest, lambda z: z, 0, ATANH_LOG, 6),
    "log1p_of_unit": (atanh_rest, lambda z: z, 0, mp.mpf(1) / 9, 9),
    "pow": (
        lambda z: series(z, [mp.mpf(1) / 5, mp.mpf(1) / 7], pow_rest),
        lambda z: z**2,
        0,
        ATANH_LOG,
        7,
    ),
    "sin": (
        lambda z: series(z, [-THIRD / 2, mp.mpf(1) / 120], lambda z, x: (mp.sin(x) - x) / x**3),
        lambda z: z,
        0,
        QUARTER,
        5,
    ),
    "cos": (
        lambda z: series(
            z, [mp.mpf(1) / 24, -mp.mpf(1) / 720], lambda z, x: (mp.cos(x) - 1 + z / 2) / z**2
        ),
        lambda z: z**2,
        0,
        QUARTER,
        5,
    ),
    "atan": (
        lambda z: series(z, [-THIRD, mp.mpf(1) / 5], lambda z, x: (mp.atan(x) - x) / x**3),
        lambda z: z,
        0,
        EIGHTH,
        10,
    ),
    "erf": (erf_ratio, relative(erf_ratio), 0, 1, 11),
    "erfcx": (scaled_erfcx, relative(scaled_erfcx), -1, 1, 24),
    "lgamma": (LG, relative(LG), 0, mp.mpf("7.25"), 10, 10),
    "digamma": (DG, relative(DG), 0, 7, 8, 8),
    "trigamma": (TG, relative(TG), 0, 7, 7, 8),
    "lgamma_series": (
        lambda z: series(z, [mp.mpf(1) / 12, -mp.mpf(1) / 360], stirling_rest),
        lambda z: mp.mpf(1) / 12,
        0,
        LARGE,
        6,
    ),
    "digamma_series": (
        lambda z: series(
            z,
            [mp.mpf(1) / 12, -mp.mpf(1) / 120],
            lambda z, s: (mp.log(1 / s) - s / 2 - mp.digamma(1 / s)) / z,
        ),
        lambda z: LARGE,
        0,
        LARGE,
        5,
    ),
    "trigamma_series": (
        lambda z: series(
            z, [mp.mpf(1) / 6, -mp.mpf(1) / 30], lambda z, s: (mp.psi(1, 1 / s) - s - z / 2) / s**3
        ),
        lambda z: LARGE,
        0,
        LARGE,
        6,
    ),
}


def main():
    """Print the fits."""
    for name in sys.argv[1:] or FITS:
        error, top, bottom = fit(*FITS[name])
        print(f"{name}: error 2^{mp.nstr(mp.log(error, 2), 4)}")
        for coefficients in (top, bottom) if len(bottom) > 1 else (top,):
            print("\n".join(f"    {float(c)!r}," for c in coefficients), end="\n\n")


if __name__ == "__main__":
    main()
