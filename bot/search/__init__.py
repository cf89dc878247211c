"""The read path: access, retrieve, fuse, rerank, snippet."""
