"""The HTTP door of the identity graph."""
