"""The answer path: converse, gather, ground or quote, cite."""
