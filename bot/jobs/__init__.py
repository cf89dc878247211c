"""Background work: runners that know keys and attempts, nothing of documents."""
