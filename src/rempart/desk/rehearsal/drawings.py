"""Harmless drawings, made by code from a number: hills, boats, tiles, moons. The same number always gives the same drawing."""

import hashlib
from collections.abc import Iterator

WIDTH, HEIGHT = 480, 300


def drawing(seed: str, title: str, hue: int) -> str:
    """An SVG picture without style attributes, so that a strict policy lets it through."""
    chance = _numbers(seed)
    scene = (_hills, _tiles, _boats, _moons)[next(chance) % 4]
    shapes = "".join(scene(chance, hue))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{_colour(hue, 38, 88)}"/>{shapes}</svg>'
    )


def _numbers(seed: str) -> Iterator[int]:
    """Numbers that only look like chance."""
    block = seed.encode()
    while True:
        block = hashlib.sha256(block).digest()
        yield from block


def _colour(hue: int, saturation: int, lightness: int) -> str:
    return f"hsl({hue % 360} {saturation}% {lightness}%)"


def _disc(x: int, y: int, radius: int, colour: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}"/>'


def _hills(chance: Iterator[int], hue: int) -> Iterator[str]:
    yield _disc(60 + next(chance), 50 + next(chance) % 50, 22 + next(chance) % 18, _colour(42, 80, 78))
    for row in range(4):
        ground = 120 + row * 42
        left, middle, right = (ground - 10 + next(chance) % 45 for _ in range(3))
        colour = _colour(hue + 14 * row, 32, 68 - 11 * row)
        yield (
            f'<path d="M0 {left} C {120 + next(chance) % 60} {middle - 50}, {250 + next(chance) % 60} {middle + 50}, '
            f'{WIDTH} {right} V {HEIGHT} H 0 Z" fill="{colour}"/>'
        )


def _tiles(chance: Iterator[int], hue: int) -> Iterator[str]:
    size = 60
    for x in range(0, WIDTH, size):
        for y in range(0, HEIGHT, size):
            colour = _colour(hue + next(chance) % 50, 34, 48 + next(chance) % 36)
            if next(chance) % 2:
                yield f'<path d="M{x} {y} h{size} a{size} {size} 0 0 1 -{size} {size} Z" fill="{colour}"/>'
            else:
                yield f'<rect x="{x}" y="{y}" width="{size}" height="{size}" fill="{colour}"/>'


def _boats(chance: Iterator[int], hue: int) -> Iterator[str]:
    yield f'<rect y="170" width="{WIDTH}" height="130" fill="{_colour(hue + 20, 38, 62)}"/>'
    for _ in range(3 + next(chance) % 3):
        x, y, tall = 30 + next(chance) * 3 // 2, 170 + next(chance) % 90, 46 + next(chance) % 30
        sail = _colour(hue + 150 + next(chance) % 60, 40, 86)
        yield f'<path d="M{x} {y} v-{tall} l{tall * 2 // 3} {tall - 6} Z" fill="{sail}"/>'
        yield f'<path d="M{x - 22} {y + 4} h64 l-12 14 h-40 Z" fill="{_colour(hue, 30, 34)}"/>'
    for _ in range(7):
        x, y = next(chance) * 3 // 2, 190 + next(chance) % 100
        yield f'<path d="M{x} {y} q12 -8 24 0 t24 0" fill="none" stroke="{_colour(hue, 40, 84)}" stroke-width="3"/>'


def _moons(chance: Iterator[int], hue: int) -> Iterator[str]:
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{_colour(hue + 30, 34, 24)}"/>'
    for _ in range(26):
        yield _disc(next(chance) * 2 % WIDTH, next(chance), 1 + next(chance) % 3, _colour(48, 60, 88))
    x, y, r = 120 + next(chance), 80 + next(chance) % 80, 34 + next(chance) % 26
    yield _disc(x, y, r, _colour(48, 52, 84))
    yield _disc(x + r // 2, y - r // 5, r, _colour(hue + 30, 34, 24))
    yield f'<path d="M0 250 q120 -50 240 0 t240 -10 V300 H0 Z" fill="{_colour(hue, 28, 15)}"/>'
