"""LangChain as its guides put it together: PyPDFLoader, splitter at 1,000/200, BM25 and vectors as one."""

from __future__ import annotations

from pathlib import Path

from langchain_classic.retrievers import EnsembleRetriever
from langchain_community.document_loaders import PyPDFLoader
from langchain_community.retrievers import BM25Retriever
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter
from measured import TOP, Embedder, Pages, Report


class WordLlama(Embeddings):
    def __init__(self) -> None:
        self._embedder = Embedder()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._embedder.documents(texts)

    def embed_query(self, text: str) -> list[float]:
        return self._embedder.question(text)


def main() -> None:
    report = Report()
    pages = [page for path in sorted(report.folder.iterdir()) for page in PyPDFLoader(str(path)).load()]
    chunks = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(pages)
    store = InMemoryVectorStore.from_documents(chunks, WordLlama())
    by_words = BM25Retriever.from_documents(chunks, k=TOP)
    by_meaning = store.as_retriever(search_kwargs={"k": TOP})
    both = EnsembleRetriever(retrievers=[by_words, by_meaning], weights=[0.5, 0.5])
    report.ingested(len(chunks))

    def search(question: str) -> Pages:
        found = both.invoke(question)
        return [(Path(one.metadata["source"]).name, one.metadata["page"] + 1) for one in found]

    report.ask(search)
    report.write()


main()
