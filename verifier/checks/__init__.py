"""One check: from a presentation's text or picture to a verdict, with its line in the audit log."""
