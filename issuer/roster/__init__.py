"""The roster: people an office vouches for, and what covers them."""
