"""Disputes: a patient says of something that was done in their name that it wasn't them."""
