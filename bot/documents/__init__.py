"""State: the tables, the allowed changes, and the only SQL besides database.py and the index."""
