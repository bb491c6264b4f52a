"""Notifications: the inbox, which is the truth, and the push that says that something is in it."""
