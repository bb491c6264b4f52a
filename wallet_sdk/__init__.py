"""The holder's side of Sabai: keys, the encrypted store, issuance, presentation, QR codes and the inbox.

A library without a server and without a database; `wallet.py` is where to start reading. Whoever shows it to a person
(the command line, a phone's app) asks for consent between its steps and hands in the clock and the HTTP client.
"""
