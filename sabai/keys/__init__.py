"""The keys of an issuer through their life: made, registered, in use, replaced, retired."""
