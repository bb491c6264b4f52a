"""The Digital Credentials Query Language (OpenID4VP 1.0 sections 6 and 7): what a verifier asks for, what answers it.

`query.py` has the messages, `claims_path.py` the pointers into credentials, `selection.py` what a wallet may choose
from, and `answer.py` what a verifier holds an answer to. All of it is pure, and knows credentials as `Candidate` only.
"""
