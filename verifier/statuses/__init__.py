"""Issuers' status lists: fetched before they are needed, and kept so that none older is ever taken again."""
