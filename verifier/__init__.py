"""The verifier: checks what patients show at a hospital's front desk, over a JSON API and on a plain page."""
