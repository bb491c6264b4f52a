"""The registry of DIDs and accreditations, handed on to wallets."""
