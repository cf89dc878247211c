"""LlamaIndex as its guides put it together: SimpleDirectoryReader, its splitter, BM25 and vectors, fusion."""

from __future__ import annotations

from llama_index.core import Settings, SimpleDirectoryReader, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.retrievers.bm25 import BM25Retriever
from measured import TOP, Embedder, Pages, Report
from pydantic import PrivateAttr


class WordLlama(BaseEmbedding):
    _embedder: Embedder = PrivateAttr(default_factory=Embedder)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._embedder.question(text)

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.documents(texts)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._embedder.question(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._embedder.question(query)


def main() -> None:
    report = Report()
    Settings.llm = MockLLM()  # nothing is generated
    Settings.embed_model = WordLlama(embed_batch_size=96)
    pages = SimpleDirectoryReader(str(report.folder)).load_data()
    nodes = SentenceSplitter().get_nodes_from_documents(pages)
    by_meaning = VectorStoreIndex(nodes).as_retriever(similarity_top_k=TOP)
    by_words = BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=TOP)
    both = QueryFusionRetriever(
        [by_meaning, by_words],
        similarity_top_k=TOP,
        num_queries=1,
        mode="reciprocal_rerank",
        use_async=False,
    )
    report.ingested(len(nodes))

    def search(question: str) -> Pages:
        found = both.retrieve(question)
        return [(one.metadata["file_name"], int(one.metadata["page_label"])) for one in found]

    report.ask(search)
    report.write()


main()
