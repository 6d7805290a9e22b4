"""Look-ups: how many a second, how long one takes at worst, how little the kind of bank matters; and whole lists at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter, perf_counter_ns

import numpy as np

from benchmarks.figures import Figure, faster, memory_read, plain, say, shorter
from benchmarks.matching_peers import FAISS, THREATEXCHANGE, Answers, ThreatExchange, Times, flat_rate
from benchmarks.matching_setting import Setting, build_store, keys_of, mixed, natural_questions, warm
from benchmarks.natural import natural_hashes, uniform_hashes
from rempart.engine.fingerprint import Pdq
from rempart.engine.index.interface import HashArray, Match, Matches
from rempart.engine.index.store import IndexStore

MICROSECONDS = 1e6
# What a look-up must read: of sixteen tables cut in 65,536, the buckets at most one bit away, two bytes a row, in whole lines.
TABLES, BUCKETS, NEAR_BUCKETS, BYTES_A_ROW, LINE = 16, 65_536, 17, 2, 64
JOIN_SECONDS, JOIN_QUESTIONS, JOIN_BANK = 5.0, 1_000_000, 10_000_000  # the target, and for which sizes
FLAT_PAIRS = 1_000_000_000


def lookups(setting: Setting) -> Iterator[Figure]:
    """One thread, beside the peer, in alternating rounds; every question asked of both must have one answer."""
    size, peer = setting.size, setting.threatexchange()
    questions = natural_questions(setting.bank, size.questions * size.rounds)
    store = setting.open()
    warm(store, natural_hashes(size.questions, 99, "held_out"))
    own, own_times, peer_rates, peer_times = [], [], [], []
    for number, part in enumerate(np.split(questions, size.rounds)):
        rate, times, theirs = one_round(store, peer, part, size.peer_questions)
        own.append(rate)
        own_times.append(times)
        peer_rates.append(1 / theirs.mean())
        peer_times.append(theirs)
        say(f"round {number + 1}: {rate:,.0f} look-ups/s, the peer {1 / theirs.mean():,.1f}; {rate * theirs.mean():,.0f} ×")
    setting.learnt["own_rate"], setting.learnt["peer_rate"] = float(np.median(own)), float(np.median(peer_rates))
    rates = {"peer": THREATEXCHANGE, "peer_value": float(np.median(peer_rates))}
    yield faster("lookups_1_thread", float(np.median(own)), "look-ups/s", times=150, **rates)
    yield plain("limit_lookups_1_thread", memory_read() * 1e9 / bytes_read(size.bank), "look-ups/s, by memory")
    yield from latencies(own_times, peer_times)
    flat = flat_rate(setting.bank, questions[: max(20, FLAT_PAIRS // size.bank)])
    yield faster("lookups_1_thread_beside_flat", float(np.median(own)), "look-ups/s", peer=FAISS, peer_value=flat)
    yield plain("lookups_all_cores", all_cores(store, questions), "look-ups/s")


def one_round(store: IndexStore, peer: ThreatExchange, questions: HashArray, of_peer: int) -> tuple[float, Times, Times]:
    """Our rate by batch, our times one by one, the peer's times."""
    began = perf_counter()
    matches = store.lookup_many(questions, threads=1)
    rate = len(questions) / (perf_counter() - began)
    theirs, peer_times = peer.ask(questions[:of_peer])
    singles, own_times = ask_one_by_one(store, questions)
    for found in (answers_of(matches, len(questions)), singles):
        different = sum(one != other for one, other in zip(found, theirs, strict=False))
        if different:
            raise AssertionError(f"{different} of {of_peer} answers differ from those of {THREATEXCHANGE}")
    return rate, own_times, peer_times


def ask_one_by_one(store: IndexStore, questions: HashArray) -> tuple[Answers, Times]:
    """Through the public function of one look-up, each timed by itself."""
    answers, times = [], np.empty(len(questions))
    for number, pdq in enumerate([Pdq(row.tobytes()) for row in questions]):
        began = perf_counter_ns()
        found = store.lookup(pdq)
        times[number] = (perf_counter_ns() - began) / 1e9
        answers.append(found)
    return answers, times


def answers_of(matches: Matches, count: int) -> Answers:
    """One list for each of ``count`` questions."""
    answers: list[list[Match]] = [[] for _ in range(count)]
    for question, match in matches:
        answers[question].append(match)
    return answers


def latencies(own: list[Times], theirs: list[Times]) -> Iterator[Figure]:
    """The median of the rounds: what another program did meanwhile on this machine is in one of them, not in all."""
    for percentile, name, target in ((99, "p99_us", 100.0), (50, "p50_us", None)):
        ours, peers = (float(np.median([np.percentile(times, percentile) for times in rounds])) for rounds in (own, theirs))
        figure = shorter(name, ours * MICROSECONDS, "µs", peer=THREATEXCHANGE, peer_value=peers * MICROSECONDS)
        if target is None:
            yield figure
        else:
            yield within(figure, target)


def within(figure: Figure, at_most: float) -> Figure:
    """The same beside its peer, with a target on the value itself."""
    bound = plain(figure.name, figure.value, figure.unit, at_most=at_most)
    return replace(figure, target=bound.target, met=bound.met, bound=bound.bound)


def all_cores(store: IndexStore, questions: HashArray) -> float:
    began = perf_counter()
    store.lookup_many(questions, threads=0)
    return len(questions) / (perf_counter() - began)


def bytes_read(bank: int) -> float:
    """By one look-up, in a bank without skew. A bucket begins and ends within a line that is read whole."""
    return TABLES * NEAR_BUCKETS * (bank / BUCKETS * BYTES_A_ROW + LINE - BYTES_A_ROW)


def sizes(setting: Setting) -> Iterator[Figure]:
    """The same for smaller banks: for the plot."""
    for count in setting.size.smaller:
        bank = setting.bank[:count]
        folder = setting.folder / f"first-{count}"
        build_store(folder, bank, keys_of(bank))
        store, peer = IndexStore.open(folder), ThreatExchange(bank, keys_of(bank))
        rounds = [
            one_round(store, peer, part, setting.size.peer_questions)
            for part in np.split(natural_questions(bank, 3 * setting.size.questions), 3)
        ]
        own, theirs = float(np.median([rate for rate, _, _ in rounds])), float(np.median([1 / t.mean() for _, _, t in rounds]))
        yield faster(f"lookups_at_{count}", own, "look-ups/s", peer=THREATEXCHANGE, peer_value=theirs)
    if "own_rate" in setting.learnt:
        rates = {"peer": THREATEXCHANGE, "peer_value": setting.learnt["peer_rate"]}
        yield faster(f"lookups_at_{setting.size.bank}", setting.learnt["own_rate"], "look-ups/s", **rates)


def join(setting: Setting) -> Iterator[Figure]:
    """As many questions as a list has, two threads; then a part of them on one."""
    size, store = setting.size, setting.open()
    questions = natural_questions(setting.bank, size.joined)
    taken = []
    for _ in range(3):
        began = perf_counter()
        matches = store.join(questions, threads=2)
        taken.append(perf_counter() - began)
        say(f"{size.joined:,} questions against {size.bank:,}: {taken[-1]:.2f} s, {len(matches):,} matches")
    target = JOIN_SECONDS * size.joined / JOIN_QUESTIONS * bytes_read(size.bank) / bytes_read(JOIN_BANK)
    figure = plain("join_seconds", float(np.median(taken)), "s", at_most=target)
    if "peer_rate" in setting.learnt:
        peer = {"peer": f"{THREATEXCHANGE}, from its rate", "peer_value": size.joined / setting.learnt["peer_rate"]}
        figure = within(shorter("join_seconds", figure.value, "s", **peer), target)
    if target != JOIN_SECONDS:
        say(f"join_seconds: the target of {JOIN_SECONDS:g} s for 1M × 10M is scaled to {target:.3g} s, by what must be read")
    yield figure


def skew(setting: Setting) -> Iterator[Figure]:
    """How much slower a bank of real pictures is than one of pure chance, one thread, alternating rounds."""
    size = setting.size
    uniform = uniform_hashes(size.bank, 11)
    folder = setting.folder / "uniform"
    build_store(folder, uniform, setting.keys)
    both = {
        "natural": (setting.open(), natural_questions(setting.bank, size.questions * size.rounds)),
        "uniform": (IndexStore.open(folder), mixed(uniform, uniform_hashes(size.questions * size.rounds, 12), 12)),
    }
    for store, questions in both.values():
        warm(store, questions)
    rates: dict[str, list[float]] = {kind: [] for kind in both}
    for number in range(size.rounds):
        for kind, (store, questions) in both.items():
            part = questions[number * size.questions : (number + 1) * size.questions]
            began = perf_counter()
            store.lookup_many(part, threads=1)
            rates[kind].append(len(part) / (perf_counter() - began))
        say(f"round {number + 1}: natural {rates['natural'][-1]:,.0f}, uniform {rates['uniform'][-1]:,.0f} look-ups/s")
    ratio = float(np.median(np.array(rates["uniform"]) / rates["natural"]))
    yield plain("skew", ratio, "× slower on natural hashes", at_most=1.1)
