"""Analyses plain text: words, sentences, reading ease. It knows no windows and no files."""

import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")

WORDS_PER_MINUTE = 220

COMMON = frozenset(
    "a about above all an and are as at be been below between both but by can each enough first "
    "for from had has have he her here his i if in into is it its more no not of on once one or "
    "our out she so than that the their them then there these they this to too two up was we "
    "were what when where which while who will with would you your".split()
)
"""Words that say nothing about what a text is about."""


def words(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def telling(text: str) -> list[str]:
    """The words that are long and rare enough to tell what a text is about."""
    return [word for word in words(text) if len(word) > 2 and word not in COMMON]


def paragraphs(text: str) -> list[str]:
    """The parts between empty lines, headings included."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def sentences(text: str) -> list[str]:
    """The sentences of the prose: headings and marks left out."""
    prose = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    found = (match.strip(" \t\n*-") for match in _sentence_texts(prose))
    return [sentence for sentence in found if _WORD.search(sentence)]


def _sentence_texts(prose: str) -> Iterable[str]:
    # Only a mark followed by space ends a sentence: "18.04" and "e.g." stay whole.
    for line in prose.splitlines():
        yield from re.split(r"(?<=[.!?])\s+", line)


def reading_minutes(count: int) -> float:
    """Reading time of so many words."""
    return round(count / WORDS_PER_MINUTE, 1)


def reading_ease(text: str) -> float:
    """Flesch reading ease; 100 for a text without words."""
    found, lines = words(text), sentences(text)
    if not found:
        return 100.0
    syllables = sum(max(1, len(_VOWELS.findall(word))) for word in found)
    score = 206.835 - 1.015 * len(found) / max(1, len(lines)) - 84.6 * syllables / len(found)
    return round(min(100.0, max(0.0, score)), 1)


def most_common(counts: Counter[str], n: int) -> list[tuple[str, int]]:
    """The ``n`` most frequent words; ties in alphabetical order."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:n]
