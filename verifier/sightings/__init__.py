"""Sightings: patients are told, through the wallet's provider, that this hospital accepted their card."""
