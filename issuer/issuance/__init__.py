"""OpenID4VCI: offers, tokens, nonces and credentials."""
