"""Appointments: asked for and confirmed by a hospital."""
