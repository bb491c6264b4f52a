"""Sample data, all of it invented."""
