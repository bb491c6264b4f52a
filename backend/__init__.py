"""The backend: wallet provider and patient services. Devices, appointments, claims, and the messages about them."""
