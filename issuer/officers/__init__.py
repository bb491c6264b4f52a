"""Who works at the office, and how they sign in."""
