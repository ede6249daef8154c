"""Arrays in, arrays out: no clock, file, network or log."""
