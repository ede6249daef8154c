"""One file a service: what it takes, what it answers, one pure compute."""
