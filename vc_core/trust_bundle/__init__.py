"""The trust bundle: what a desk must know to verify, in one signed file that is carried to where no network is.

Described byte by byte in docs/trust-bundle.md.
"""
