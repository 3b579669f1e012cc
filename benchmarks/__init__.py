"""Measurements of speed and latency on the machine at hand: `python -m benchmarks --help`."""
