"""The HTTP face of the services: Flask, and nothing numeric."""
