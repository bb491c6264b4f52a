"""Asking a phone for credentials by OpenID4VP, and the verdict on what it presents."""
