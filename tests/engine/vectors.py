"""What Meta's own tool says of pictures: hash and quality, recorded once.

``pdq-photo-hasher`` of the ThreatExchange repository (its C++ of 2026), compiled as published and given PPM files of the same
pixels that the tests decode or draw. Whatever is larger than 512 pixels, it squeezes first: the pipeline C512.
"""

from __future__ import annotations

DRAWN = {
    ("waves", 300, 200, 1): ("0a5402bf0425296b025592bf052d2beb42d5beff052defff5215ffff15540003", 41),
    ("waves", 1080, 1920, 2): ("fffcaa03fbf8aa03fbe82803ffe8a003ffa88003fea80003faac00035554fffc", 65),
    ("waves", 513, 40, 3): ("4a5e0074092e494c1a4e125c92de9494a5b665b42dfe5b5cdb7edf5e5554aaa9", 20),
    ("waves", 4, 100, 4): ("0000000000000000000000000000000000000000000000000000000000000000", 0),
    ("noise", 64, 64, 5): ("15727839106d61c7e29045fac904078e51bc7816897b5d9d7a7df3944bf9c743", 100),
    ("noise", 700, 513, 6): ("3421d4c169d647706eb1a71f2870c5267f95437cade80b3374446eb5bb9d2c4e", 100),
    ("gradient", 600, 800, 7): ("3db3d494589a35b1795312beb2aa2dacc552ab25352ad655c54b55ea54c3ac53", 44),
    ("gradient", 97, 1001, 8): ("555533905555aaaa5555aaaa555557005555aabe5555aaa85555988355555450", 44),
    ("checkers", 1000, 1000, 16): ("4441bbff444145514551bfff44415d574441ffff44415d55444145554541ffff", 100),
    ("flat", 530, 600, 10): ("000011342c4b0000113400002c4b00001134113400002c4b11342c4b554b8200", 0),
}

FILES = {
    "bridge/aaa-orig.jpg": ("d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22", 100),
    "bridge/blur-a-little.jpg": ("d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22", 100),
    "bridge/blur-a-lot.jpg": ("d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22", 100),
    "bridge/high-contrast.jpg": ("d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22", 100),
    "bridge/high-saturation.jpg": ("d8f8f0cee0f4a84f0637022a038f67f0b36e2ed596631e1d33e6339c4e9c9b22", 100),
    "bridge/sharpen-a-little.jpg": ("d8f8f0cee0f4a84f0e370222038f67f0b36e2ed596231e1d33e6b39c4e9c9b22", 100),
    "bridge/sharpen-a-lot.jpg": ("d0f8f0cec0f4a84f0e370a22238f67f0b36a2ef596231e1d73e6a39c4e9c9b22", 100),
    "bridge/shrink-a-little.jpg": ("d8f8f0cee0f4a84f0e370a22038f67f0b36e2ed596621e1d33e6339c4e9c9b22", 100),
    "bridge/shrink-a-lot.jpg": ("d0f8f1ccc0f4a84d0a370a3a228f67f0b36e2ed5b6623e1d33e6339c4e9c9b22", 100),
    "bridge/square-128x128.jpg": ("d8f8f1eec0f4a84f0e37022a078f63f0b36e2ed596621e1d33e6239c4e9c9b22", 100),
    "bridge/square-256x256.jpg": ("d8f8f0cec4f4a84f0637022a078f67f0b36e2ee5b6621e1d33e6239c4e9c9b22", 100),
    "bridge/square-512x512.jpg": ("d8f8f0cec0f4a84f0637022a278f67f0b36e2ed596621e1d33e6339c4e9c9b22", 100),
    "dihedral/bridge-1-original.jpg": ("d8f8f0cee0f4a84f0637022a078f67f0b36e2ed596621e1d33e6339c4e9c9b22", 100),
    "dihedral/bridge-2-rotate-90.jpg": ("30a10efdf1c83f429013d48d0ffffc52e34e0e35ada952a9d29605215aa9e5af", 100),
    "dihedral/bridge-3-rotate-180.jpg": ("2dad5a64b1a142e7d362a09857da895ae63b8c7fc23794b766b319361fc93188", 100),
    "dihedral/bridge-4-rotate-270.jpg": ("a5f0a457248995e8c9065c275aaa5498b61ba4bdf8fcf80387c32f8b5bfc4f05", 100),
    "dihedral/bridge-5-flipx.jpg": ("d8f80f33e0f417b20e37f5cd028f980fb36ed02a9662c1e233e64c634e9c64dd", 100),
    "dihedral/bridge-6-flipy.jpg": ("2da9259bb1a1bd1a5362576552da32a5e63b7380c2774b4866b346c91b89ce77", 100),
    "dihedral/bridge-7-flip-plus-1.jpg": ("f0a1e10271ccc0bd90530b720fff038de34ef1e8ada9a956d6967ade5ea91a50", 100),
    "dihedral/bridge-8-flip-minus-1.jpg": ("2df05aa8a4896a17c14682da5aaaab07b61b5b42f8fc07fc87c3d0741bfcb0fa", 100),
}
