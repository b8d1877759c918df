"""Eight schools: how much a coaching programme helped, with partial pooling between schools.

Rubin (1981), Estimation in parallel randomized experiments, Journal of Educational Statistics 6.

    python examples/eight_schools.py
"""

import numpy as np

import rufous as rf

SCHOOLS = ["Choate", "Deerfield", "Phillips A", "Phillips E", "Hotchkiss", "Lawrenceville",
           "St. Paul's", "Mt. Hermon"]  # fmt: skip
EFFECT = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
STANDARD_ERROR = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])


def build_model() -> rf.Model:
    """Write the non-centred form, which samples well also where schools differ little."""
    with rf.Model(coords={"school": SCHOOLS}) as model:
        mu = rf.Normal("mu", 0, 5)
        tau = rf.HalfCauchy("tau", 5)
        deviation = rf.Normal("deviation", 0, 1, dims="school")
        theta = rf.Deterministic("theta", mu + tau * deviation, dims="school")
        rf.Normal("effect", theta, STANDARD_ERROR, observed=EFFECT, dims="school")
    return model


def main() -> None:
    idata = rf.sample(build_model(), 2000, random_seed=8, target_accept=0.95)
    posterior = idata["posterior"]
    for name in ("mu", "tau"):
        draws = posterior[name].values
        print(f"{name:14}{draws.mean():6.1f} ± {draws.std():.1f}")
    for school in SCHOOLS:
        draws = posterior["theta"].sel(school=school).values
        print(f"{school:14}{draws.mean():6.1f} ± {draws.std():.1f}")


if __name__ == "__main__":
    main()
