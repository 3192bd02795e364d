"""The gRPC door: the services of proto/dailies/v1."""
