"""The authorization server: who may fetch which credentials, and the tokens that say so."""
