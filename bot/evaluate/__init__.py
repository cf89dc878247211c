"""Retrieval quality, measured: on a labelled collection, or on what people voted for.

`collection` reads, `build` indexes, `answer` asks and judges, `figures` is what comes out. The search is the
bot's own pipeline, handed in open; nothing here knows a provider.
"""
