"""What the registry on the ledger says of this issuer, for the office."""
