"""Models: variables, data, dims, and the joint log density as a graph."""
