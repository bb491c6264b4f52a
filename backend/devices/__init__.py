"""Devices: wallets that have shown whose they are, and where to reach them."""
