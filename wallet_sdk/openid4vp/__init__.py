"""Presenting over the network: OpenID4VP 1.0, in steps with the holder's consent between them.

    read_request ──▶ (consent) ──▶ fetch_request ──▶ ask ──▶ (consent, choice) ──▶ give_consent ──▶ send
                                                      │                 └──no──▶ decline ──▶ tell
                                                      └── can't be answered ──▶ tell

`request.py` reads, fetches and judges what came; `choice.py` finds the credentials that would do; `consent.py` says
what the verifier would see, and who it is; `vp_token.py` makes the answer. `states.py` and `transitions.py` are how far
a presentation is, `flow.py` the steps above, each of which leaves its state in the wallet's file.
"""
