"""Draws from the prior, the prior predictive and the posterior predictive distribution."""
