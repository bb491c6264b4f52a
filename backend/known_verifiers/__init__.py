"""`GET /known-verifiers`: all who may ask, so that a phone can tell who shows a code where there is no network."""
