"""Trust bundles at the desk: taken over by hand or from a folder, kept in the desk's own database."""
