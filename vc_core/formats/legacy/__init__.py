"""Credentials of VCDM 1.1 that others gave out, before anybody looks at their signatures."""
