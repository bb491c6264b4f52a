"""Requests that may come twice and must act once."""
