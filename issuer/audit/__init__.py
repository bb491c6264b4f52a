"""The record of what was done at the office, in a chain of hashes: who, what, on which record, when, how it ended."""
