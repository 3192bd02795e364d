"""The messages of proto/dailies/v1, made by scripts/proto."""
