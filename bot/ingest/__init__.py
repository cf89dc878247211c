"""The write path: accept, download, extract, chunk, embed, index."""
