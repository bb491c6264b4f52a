"""The services on the local network by https, so that a developer can hold them in the hand."""
