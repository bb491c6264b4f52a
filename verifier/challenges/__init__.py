"""A desk's challenge as a QR code, for where neither the desk nor the phone has a network (docs/qr-pass.md)."""
