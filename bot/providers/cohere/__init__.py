"""Cohere: embeddings and reranking over one connection."""

from bot.providers.cohere.client import CohereClient
from bot.providers.cohere.embeddings import CohereEmbeddingProvider, DocumentBudget
from bot.providers.cohere.reranker import CohereReranker

__all__ = ["CohereClient", "CohereEmbeddingProvider", "CohereReranker", "DocumentBudget"]
