"""Legacy credentials (VCDM 1.1) of others, by didkit in a process of its own: see docs/decisions/0005."""
