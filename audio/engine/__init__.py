"""A job from inputs to a stored answer, synchronous or asynchronous. It knows no HTTP server."""
