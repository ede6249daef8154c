"""Fitted networks: made by benchmarks/fit_voice.py."""
