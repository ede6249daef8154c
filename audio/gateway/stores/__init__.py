"""Where the gateway keeps what must survive a restart."""
