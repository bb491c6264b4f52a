"""Bulk issuance: renewing the credentials of everybody who holds one, and handing them out."""
