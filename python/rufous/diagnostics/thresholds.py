"""What counts as good enough: the limits of Vehtari et al. (2021) and Betancourt (2016)."""

from __future__ import annotations

__all__ = ["BFMI_MIN", "ESS_PER_CHAIN", "RHAT_MAX", "TREE_DEPTH_MAX_FRACTION"]

# Above it the chains have not forgotten where they started.
RHAT_MAX = 1.01
# Below it the estimates of R-hat and of the Monte Carlo error are themselves unreliable.
ESS_PER_CHAIN = 100
# Below it the momentum cannot carry a chain across the energies of the posterior.
BFMI_MIN = 0.3
# A trajectory cut off now and then costs nothing; many of them mean a slow random walk.
TREE_DEPTH_MAX_FRACTION = 0.01
