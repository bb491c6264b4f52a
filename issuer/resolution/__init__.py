"""DID resolution from the mirrored registry."""
