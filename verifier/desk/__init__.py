"""The front desk's page: rendered on the server, without JavaScript, in the five languages."""
