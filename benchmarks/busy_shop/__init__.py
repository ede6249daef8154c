"""A day of a busy shop, whose visitors are known: what the gateway stores, sums and shows of them, beside the truth."""
