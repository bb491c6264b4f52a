"""A credential type that Sabai does not have, and a walk through the town with it."""
