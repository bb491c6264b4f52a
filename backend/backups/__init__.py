"""Backups of wallets: ciphertext only, found and changed by who has the recovery code, and read by nobody here."""
