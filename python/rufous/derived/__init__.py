"""Densities of expressions of random variables, derived from how the expression is written."""
