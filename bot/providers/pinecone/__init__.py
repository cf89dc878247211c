"""Pinecone: chunks with their words and vectors in one document index."""

from bot.providers.pinecone.connection import PineconeAddress
from bot.providers.pinecone.index import PineconeIndex
from bot.providers.pinecone.spaces import PineconeSpaces

__all__ = ["PineconeAddress", "PineconeIndex", "PineconeSpaces"]
