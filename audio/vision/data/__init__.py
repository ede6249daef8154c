"""Models as ONNX, with where each comes from in ORIGINS.md."""
