"""The ring, drawn: sixteen chunks of two fingerprints, how many bits differ in each, and where the search may begin."""

from __future__ import annotations

import math
from itertools import accumulate

from benchmarks.svg import INK, LINE, OURS, QUIET, WHITE, Drawing

# Two copies of one picture, 31 bits apart: what lies in each chunk.
DISTANCES = (3, 2, 2, 0, 4, 1, 2, 3, 2, 1, 1, 2, 4, 1, 3, 0)
RADIUS, CHUNKS, LOOKED_AT = 31, 16, 3
CENTRE, OUTER, SIDE = (230, 265), 165, 46
PALE = "#cfe3e4"

STEPS = {
    "en": (
        (
            "How two copies of one picture find each other",
            "Sixteen chunks of 16 bits in a ring; the number is how many bits differ in each.",
        ),
        ("31 bits differ in all,", "less than two a chunk: somewhere the ring begins well."),
        ("1", "Here, one chunk differs by 1 bit at most.", "Its drawer is one of 17: its own, or one bit away."),
        ("2", "The two next chunks lie in the drawer too.", "Two chunks: 3 bits at most. Three chunks: 5 at most."),
        ("3", "Only who passes is compared whole:", "about one fingerprint, of ten million."),
    ),
    "fr": (
        (
            "Comment deux copies d’une image se retrouvent",
            "Seize morceaux de 16 bits en anneau ; le nombre dit combien de bits y diffèrent.",
        ),
        ("31 bits diffèrent en tout,", "moins de deux par morceau : quelque part l’anneau commence bien."),
        ("1", "Ici, un morceau diffère d’un bit au plus.", "Son tiroir est l’un de 17 : le sien, ou à un bit."),
        ("2", "Les deux morceaux suivants y sont aussi.", "À deux : 3 bits au plus. À trois : 5 au plus."),
        ("3", "Seul qui passe est comparé en entier :", "environ une empreinte, sur dix millions."),
    ),
}


def starts() -> list[int]:
    """Chunks from which the first one, two and three keep to their share; the lemma says that there is at least one."""
    twice = DISTANCES * 2
    shares = [length * RADIUS // CHUNKS for length in range(1, LOOKED_AT + 1)]
    sums = [list(accumulate(twice[start : start + LOOKED_AT])) for start in range(CHUNKS)]
    return [start for start in range(CHUNKS) if all(sum_ <= share for sum_, share in zip(sums[start], shares, strict=True))]


def ring(language: str) -> Drawing:
    """The drawing in one language."""
    (title, about), total, *steps = STEPS[language]
    told = [" ".join(step) for step in (total, *steps)]
    drawing = Drawing(920, 480, language, title, " ".join([about, *told]))
    drawing.text(24, 40, title, size=20, is_bold=True)
    drawing.text(24, 64, about, size=13, fill=QUIET)
    draw_chunks(drawing, starts()[0])
    drawing.text(*centred(-4), total[0], size=14, anchor="middle", is_bold=True)
    for line, words in enumerate(in_two(total[1])):
        drawing.text(*centred(18 + 18 * line), words, size=12, fill=QUIET, anchor="middle")
    for number, (sign, first, second) in enumerate(steps):
        y = 170 + 90 * number
        drawing.circle(490, y, 16, OURS)
        drawing.text(490, y + 5, sign, size=15, fill=WHITE, anchor="middle", is_bold=True)
        drawing.text(522, y - 2, first, size=15)
        drawing.text(522, y + 20, second, size=14, fill=QUIET)
    return drawing


def draw_chunks(drawing: Drawing, start: int) -> None:
    for chunk, distance in enumerate(DISTANCES):
        angle = 2 * math.pi * chunk / CHUNKS - math.pi / 2
        x, y = CENTRE[0] + OUTER * math.cos(angle), CENTRE[1] + OUTER * math.sin(angle)
        place = (chunk - start) % CHUNKS
        fill = OURS if place == 0 else PALE if place < LOOKED_AT else WHITE
        drawing.rect(x - SIDE / 2, y - SIDE / 2, SIDE, SIDE, fill, radius=9, stroke=OURS if place < LOOKED_AT else LINE)
        drawing.text(
            x, y + 6, str(distance), size=17, fill=WHITE if place == 0 else INK, anchor="middle", is_bold=place < LOOKED_AT
        )


def centred(below: float) -> tuple[float, float]:
    return CENTRE[0], CENTRE[1] + below


def in_two(words: str) -> tuple[str, str]:
    """Cut near the middle, between words."""
    cut = min((at for at, sign in enumerate(words) if sign == " "), key=lambda at: abs(at - len(words) / 2))
    return words[:cut], words[cut + 1 :]
