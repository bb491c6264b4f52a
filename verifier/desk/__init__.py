"""The front desk: the plain page, rendered without JavaScript, and what the application in `web/desk` reads."""
