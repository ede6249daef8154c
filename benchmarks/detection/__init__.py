"""Training and measuring the detectors on public recordings."""
