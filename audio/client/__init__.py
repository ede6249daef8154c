"""The SDK: connect to a gateway and use its services."""
