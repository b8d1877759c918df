"""Benches: what Rufous costs, alone (pytest-benchmark, criterion) and beside its peers."""
