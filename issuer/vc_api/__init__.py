"""The issuer's side of the VC API: credentials of any type, in the name of a DID that is accredited for none."""
