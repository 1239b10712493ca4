"""Defines the long jobs: two on the event loop, two in threads. All can be cancelled."""

import time
from collections import Counter
from typing import Annotated

import anyio
import anyio.to_thread

from transom import CallContext, State, Wait

from .. import pace, prose
from ..documents import Library
from ..models import (
    DocumentReport,
    FolderReport,
    IndexReport,
    Summary,
    Term,
    Text,
    WordCount,
)
from ..registry import commands

SUMMARY_SENTENCES = 3
TOP_TERMS = 8


@commands.command(concurrency=1, queue=Wait(8))
async def analyse_all(ctx: CallContext, library: Annotated[Library, State()]) -> FolderReport:
    """Length and reading ease of every document: on the event loop, cancelled at an ``await``."""
    texts = await anyio.to_thread.run_sync(library.texts)
    total = sum(len(prose.paragraphs(text)) for text in texts.values())
    done = 0
    reports: list[DocumentReport] = []
    for name, text in texts.items():
        count = 0
        for paragraph in prose.paragraphs(text):
            ctx.progress(done, total, name)
            await anyio.sleep(pace.STEP)
            count += len(prose.words(paragraph))
            done += 1
        reports.append(
            DocumentReport(
                name=name,
                words=count,
                minutes=prose.reading_minutes(count),
                ease=prose.reading_ease(text),
            )
        )
    ctx.progress(total, total)
    words = sum(report.words for report in reports)
    return FolderReport(documents=reports, words=words, minutes=prose.reading_minutes(words))


@commands.command(executor="thread", concurrency=1, queue=Wait(8))
def build_index(ctx: CallContext, library: Annotated[Library, State()]) -> IndexReport:
    """Which words stand where: in a thread, cancelled at a step of ``ctx.track``."""
    lines = [
        (name, number, line)
        for name, text in library.texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip()
    ]
    index: dict[str, list[tuple[str, int]]] = {}
    for name, number, line in ctx.track(lines):
        time.sleep(pace.STEP)
        for word in prose.telling(line):
            index.setdefault(word, []).append((name, number))
    counts = Counter({word: len(places) for word, places in index.items()})
    return IndexReport(lines=len(lines), distinct=len(index), top=_terms(counts))


@commands.command(concurrency=2, queue=Wait(64))
async def summarise(body: Text, ctx: CallContext) -> Summary:
    """The sentences that carry most of a text's own words: on the event loop."""
    sentences = prose.sentences(body.text)
    weights = Counter(prose.telling(body.text))
    scores: list[float] = []
    for position, sentence in enumerate(sentences):
        ctx.progress(position, len(sentences), sentence)
        await anyio.sleep(pace.STEP)
        telling = prose.telling(sentence)
        scores.append(sum(weights[word] for word in telling) / (len(telling) + 4))
    ctx.progress(len(sentences), len(sentences))
    # What is said twice is told once.
    places = {sentence: at for at, sentence in reversed([*enumerate(sentences)])}
    best = sorted(places.values(), key=lambda at: (-scores[at], at))[:SUMMARY_SENTENCES]
    return Summary(
        sentences=[sentences[at] for at in sorted(best)],
        of=len(sentences),
        keywords=[term.word for term in _terms(weights)],
    )


@commands.command(executor="thread", concurrency=2, queue=Wait(64))
def count_words(body: Text, ctx: CallContext) -> WordCount:
    """How many words, and which: in a thread."""
    counts: Counter[str] = Counter()
    telling: Counter[str] = Counter()
    for paragraph in ctx.track(prose.paragraphs(body.text)):
        time.sleep(pace.STEP)
        counts.update(prose.words(paragraph))
        telling.update(prose.telling(paragraph))
    return WordCount(
        words=counts.total(),
        distinct=len(counts),
        sentences=len(prose.sentences(body.text)),
        longest=max(counts, key=len, default=""),
        top=_terms(telling),
    )


def _terms(counts: Counter[str]) -> list[Term]:
    return [Term(word=word, count=n) for word, n in prose.most_common(counts, TOP_TERMS)]
