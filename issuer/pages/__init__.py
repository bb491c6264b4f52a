"""Pages for patients: rendered on the server, without JavaScript, in the five languages."""
