"""`sabai registry`: a file for each kind of command; `application` puts them together."""
