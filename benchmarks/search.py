"""How well and how fast questions find their entry: `python -m benchmarks.search [DATA]`.

DATA is the folder with questions/four-pillars.jsonl and questions/german-faq-bot.json (default:
../shared/data beside the repository). Times are CPU milliseconds of one core, so that neighbours on
the machine do not count; memory is the peak of a process of its own.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from benchmarks.engines import Rank, engines, fts5, ours
from knowledge.answer import Answer, Answerer, searched
from knowledge.entries import Entry
from knowledge.found import Text
from knowledge.library import load_library
from knowledge.particulars import admits_gap
from knowledge.resolution import resolution

ROOT = Path(__file__).resolve().parents[1]
UNANSWERABLE = {"far", "near", "intopic"}
SIZES = {300: 2.0, 10_000: 5.0, 100_000: 25.0}


class Measured(NamedTuple):
    """Shares of questions with the right entry first and among three; CPU milliseconds."""

    first: float
    three: float
    p50: float
    p99: float


def measure(rank: Rank, asked: Iterable[tuple[str, Callable[[int], bool]]]) -> Measured:
    """Quality and latency of a ranking over questions, each with the test of a right entry."""
    first = three = count = 0
    times: list[float] = []
    for question, right in asked:
        begun = time.thread_time()
        found = rank(question)
        times.append((time.thread_time() - begun) * 1_000)
        count += 1
        first += bool(found) and right(found[0])
        three += any(right(row) for row in found[:3])
    return Measured(first / count, three / count, *_percentiles(times))


def faq(data: Path) -> None:
    """A real German FAQ bot: 210 entries with 8 wordings, 1,047 questions."""
    raw = json.loads((data / "questions/german-faq-bot.json").read_text(encoding="utf-8"))
    ids = [entry["id"] for entry in raw["kb"]]
    texts = [Text((entry["title"], *entry["para"]), entry["content"]) for entry in raw["kb"]]
    asked = [(row["q"], _is_one_of(ids, row["gold"])) for row in raw["q"]]
    print(f"\nGerman FAQ bot: {len(ids)} entries, {len(asked)} questions (goal: first .72)")
    _compare(texts, asked)


def pillars(data: Path) -> None:
    """Our own base: questions it must answer, and forty it must not."""
    lines = (data / "questions/four-pillars.jsonl").read_text(encoding="utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    begun = time.thread_time()
    library = load_library()
    loaded = time.thread_time()
    answerer = Answerer(library)
    answerer.hits("Haushalt")  # the index is built for the first question
    built = time.thread_time()
    entries = library.entries
    answerable = [row for row in rows if row["kind"] not in UNANSWERABLE]
    print(
        f"Our base: {len(entries)} entries, {len(answerable)} questions (goals: first .95, among three .98)"
    )
    print(f"  loaded in {(loaded - begun) * 1e3:.0f} ms, indexed in {(built - loaded) * 1e3:.0f} ms")
    asked = [(row["q"], _is_right(entries, row)) for row in answerable]
    _compare([searched(entry) for entry in entries], asked, _whole(answerer))
    _misses(answerer, answerable)
    _refusals(answerer, [row for row in rows if row["kind"] in UNANSWERABLE])


def _misses(answerer: Answerer, rows: Sequence[dict[str, Any]]) -> None:
    entries = answerer.library.entries
    kinds = [answerer.ask(row["q"]).kind for row in rows]
    print(f"  outcomes: {_kinds(kinds)}")
    for row, kind in zip(rows, kinds, strict=True):
        found = [hit.position for hit in answerer.hits(row["q"], resolution().references(row["q"]))]
        right = _is_right(entries, row)
        if not found or not right(found[0]):
            place = next((str(at) for at, one in enumerate(found, start=1) if right(one)), "-")
            names = ", ".join(entries[one].id for one in found[:3])
            print(f"  not first ({kind}, right one at {place}): {row['q']} -> {names}")


def _refusals(answerer: Answerer, rows: Sequence[dict[str, Any]]) -> None:
    answers = [(row["q"], answerer.ask(row["q"])) for row in rows]
    told = [(question, answer.entry) for question, answer in answers if answer.entry]
    wrong = [(question, entry) for question, entry in told if not admits_gap(entry)]
    print(
        f"  of {len(rows)} that must not be answered: {len(wrong)} answered (goal: at most 2), "
        f"{len(told) - len(wrong)} by an entry that says we cannot tell, "
        f"{_count(answers, 'suggest')} suggested, {_count(answers, 'unknown')} unknown"
    )
    for question, entry in wrong:
        print(f"  answered: {question} -> {entry.id}")


def invented() -> None:
    """tests/questions.yaml: the half that wordings were written beside, and the half kept apart."""
    raw = yaml.safe_load((ROOT / "tests/questions.yaml").read_text(encoding="utf-8"))
    answerer = Answerer(load_library())
    answerer.hits("Haushalt")
    entries = answerer.library.entries
    asked = [
        (question, _fits(entries, group)) for group in raw["answered"] for question in group["questions"]
    ]
    refused = [question for questions in raw["unanswerable"].values() for question in questions]
    print(f"\nInvented: {len(asked)} questions, {len(refused)} that nothing answers")
    for name, half in (("seen", 0), ("kept apart", 1)):
        print(f"  the half {name}:")
        _compare([searched(entry) for entry in entries], asked[half::2], _whole(answerer))
        answers = [(answerer.ask(question), right) for question, right in asked[half::2]]
        kinds = [answer.kind for answer, _ in answers]
        wrong = sum(1 for answer, right in answers if answer.entry and not right(entries.index(answer.entry)))
        print(f"  outcomes: {_kinds(kinds)}; {wrong} answered wrongly")
        _refusals(answerer, [{"q": question} for question in refused[half::2]])


def _fits(entries: Sequence[Entry], group: dict[str, Any]) -> Callable[[int], bool]:
    measures, names = set(group.get("measures", ())), tuple(group.get("entries", ())) or ("?",)
    return lambda row: bool(measures & set(entries[row].measures)) or entries[row].id.startswith(names)


def _whole(answerer: Answerer) -> Rank:
    """What the bot does beyond search: named measures, entries on one measure supporting each other."""
    return lambda question: [
        hit.position for hit in answerer.hits(question, resolution().references(question))
    ]


def _kinds(kinds: Sequence[str]) -> str:
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))


def _compare(
    texts: Sequence[Text], asked: Sequence[tuple[str, Callable[[int], bool]]], whole: Rank | None = None
) -> None:
    print(f"  {'':8} {'first':>6} {'three':>6} {'p50 ms':>8} {'p99 ms':>8}")
    if whole is not None:
        found = measure(whole, asked)
        print(f"  {'bot':8} {found.first:6.3f} {found.three:6.3f} {found.p50:8.2f} {found.p99:8.2f}")
    for name, engine in engines().items():
        found = measure(engine(texts), asked)
        print(f"  {name:8} {found.first:6.3f} {found.three:6.3f} {found.p50:8.2f} {found.p99:8.2f}")


def scale(count: int) -> None:
    """Build and ask a generated base of this size; one line. Run in a process of its own."""
    texts, questions = generated(count)
    before = _peak_megabytes()
    begun = time.thread_time()
    rank = ours(texts)
    built = time.thread_time() - begun
    found = measure(rank, ((question, lambda row: row >= 0) for question in questions))
    peak = _peak_megabytes()
    beside = measure(fts5(texts), ((question, lambda row: row >= 0) for question in questions[:100]))
    print(
        f"  {count:9,} {built:8.1f} {peak:8.0f} {peak - before:8.0f} {found.p50:8.2f} {found.p99:8.2f} "
        f"{SIZES.get(count, 0):6.0f} {beside.p50:10.2f} {beside.p99:8.2f}",
        flush=True,
    )


def generated(count: int) -> tuple[list[Text], list[str]]:
    """Texts of invented words, some of them compounds, as frequent as words are (Zipf); and 300 questions."""
    chance = random.Random(1)  # noqa: S311 - the same text in every run
    ends = ("", "n", "r", "t")
    syllables = [first + vowel + end for first in "bdfghklmnprstw" for vowel in "aeiou" for end in ends]
    plain = ["".join(chance.choices(syllables, k=chance.choice((2, 2, 3)))) for _ in range(12_000)]
    known = plain + [chance.choice(plain) + chance.choice(plain) for _ in range(12_000)]
    chance.shuffle(known)
    frequent = list(accumulate(1 / (rank + 10) for rank in range(len(known))))

    def sentence(length: int) -> str:
        return " ".join(chance.choices(known, cum_weights=frequent, k=length))

    texts = [Text(tuple(sentence(6) for _ in range(4)), sentence(30)) for _ in range(count)]
    return texts, [_mistyped(chance.choice(texts).wordings[1], chance) for _ in range(300)]


def _mistyped(wording: str, chance: random.Random) -> str:
    at = chance.randrange(len(wording))
    return wording[:at] + wording[at + 1 :]


def _is_one_of(ids: Sequence[str], gold: Sequence[str]) -> Callable[[int], bool]:
    return lambda row: ids[row] in gold


def _is_right(entries: Sequence[Entry], asked: dict[str, Any]) -> Callable[[int], bool]:
    """An entry of the right measure; for questions about who and what at large, one on the resolution."""
    wanted = set(asked.get("measures", ()))
    if not wanted:
        return lambda row: entries[row].id.startswith("beschluss")
    return lambda row: bool(wanted & set(entries[row].measures))


def _percentiles(times: list[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]


def _count(answers: Sequence[tuple[str, Answer]], kind: str) -> int:
    return sum(answer.kind == kind for _, answer in answers)


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the whole table, or with --entries only the line of one size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--entries", type=int)
    options = parser.parse_args()
    if options.entries:
        scale(options.entries)
        return
    pillars(options.data)
    faq(options.data)
    invented()
    print("\nGenerated entries (goals: p99 2 / 5 / 25 ms; 100,000 built in 40 s and 500 MB)")
    heads = f"{'build s':>8} {'peak MB':>8} {'grown MB':>8} {'p50 ms':>8} {'p99 ms':>8} {'goal':>6}"
    print(f"  {'entries':>9} {heads} {'FTS5 p50':>10} {'p99':>8}", flush=True)
    for count in SIZES:
        command = [sys.executable, "-m", "benchmarks.search", "--entries", str(count)]
        subprocess.run(command, check=True, cwd=ROOT)


if __name__ == "__main__":
    main()
