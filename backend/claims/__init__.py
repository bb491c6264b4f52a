"""Claims: submitted by a hospital, approved by the payer."""
