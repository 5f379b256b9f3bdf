"""The HTTP service and the commands of the identity graph."""
