"""The wallet's pages, and what they ask of the provider: credential types, and whether an issuer may issue."""
