"""Benchmarks as ratios: everything is measured in turn with the raw primitive, in one run, on the same machine."""
