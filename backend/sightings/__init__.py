"""Sightings: a hospital says that it saw a patient's card, so that the patient hears of it."""
