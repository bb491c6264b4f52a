"""What operators do with the registry, apart from the command line that they do it on."""
