"""Files to pages, in child processes."""
