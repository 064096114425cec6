"""Start the whole product on one machine, keep it running, stop it."""
