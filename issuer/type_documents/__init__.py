"""What the world may read of our credential types: contexts, schemas, type metadata."""
