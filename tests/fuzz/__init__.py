"""Fuzzing of everything that reads bytes from strangers, with atheris; docs/testing.md says how to run it.

`targets.py` says what is fuzzed and what counts as a finding, `corpus/` keeps the inputs that reach different code.
"""
