"""Good credentials with exactly one fault each, and the reason code that each must be refused for.

One module a format makes its mutants; `python -m tests.mutants` writes them to `tests/vectors/mutants/`, for verifiers
in any language, and the tests check ours against each. docs/testing.md says how to add one.
"""
