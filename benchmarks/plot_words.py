"""What the plots say, in both languages."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "recall_title": "Found again after an edit",
        "recall_about": "Bars from 0 to 100 percent for each of thirty edits: found by plain PDQ, and found with the variants. "
        "The table beside holds the same numbers.",
        "with_variants": "with the variants",
        "plain": "plain PDQ",
        "edit": "Edit",
        "lookups_title": "Exact look-ups a second, one thread",
        "lookups_about": "Two lines by size of the bank, both scales logarithmic: Rempart above, threatexchange below. "
        "The table beside holds the same numbers.",
        "lookups_scales": "Both scales are logarithmic: one line of the grid is ten times the one below.",
        "bank": "fingerprints in the bank",
        "machine": "Measured on: {machine}",
        "figure": "Figure",
        "ratio": "times better",
        "peer": "threatexchange",
    },
    "fr": {
        "recall_title": "Retrouvées après une retouche",
        "recall_about": "Des barres de 0 à 100 % pour chacune des trente retouches : retrouvées par PDQ seul, "
        "et avec les variantes. Le tableau à côté donne les mêmes nombres.",
        "with_variants": "avec les variantes",
        "plain": "PDQ seul",
        "edit": "Retouche",
        "lookups_title": "Recherches exactes par seconde, sur un fil",
        "lookups_about": "Deux lignes selon la taille de la base, échelles logarithmiques : Rempart au-dessus, "
        "threatexchange au-dessous. Le tableau à côté donne les mêmes nombres.",
        "lookups_scales": "Les deux échelles sont logarithmiques : une ligne de la grille vaut dix fois celle d’en dessous.",
        "bank": "empreintes dans la base",
        "machine": "Mesuré sur : {machine}",
        "figure": "Mesure",
        "ratio": "fois mieux",
        "peer": "threatexchange",
    },
}

EDIT_WORDS: dict[str, dict[str, str]] = {
    name: {"en": en, "fr": fr}
    for name, en, fr in (
        ("jpeg_30", "JPEG, quality 30", "JPEG, qualité 30"),
        ("jpeg_10", "JPEG, quality 10", "JPEG, qualité 10"),
        ("resize_50", "half the size", "taille divisée par deux"),
        ("resize_12", "an eighth of the size", "taille divisée par huit"),
        ("stretch_15", "15 % wider", "élargie de 15 %"),
        ("blur_4", "blurred", "floutée"),
        ("bright_40", "40 % brighter", "éclaircie de 40 %"),
        ("dark_50", "half as bright", "deux fois plus sombre"),
        ("grayscale", "in grey", "en gris"),
        ("photo_filter", "photo filter", "filtre photo"),
        ("caption_bar", "caption bar", "bandeau de texte"),
        ("two_emoji", "two emoji", "deux émojis"),
        ("border_5", "white border, 5 %", "bordure blanche, 5 %"),
        ("border_10_black", "black border, 10 %", "bordure noire, 10 %"),
        ("border_20", "white border, 20 %", "bordure blanche, 20 %"),
        ("letterbox", "black bars to a square", "bandes noires jusqu’au carré"),
        ("crop_5", "5 % of each side cut off", "5 % de chaque côté en moins"),
        ("crop_10", "10 % of each side cut off", "10 % de chaque côté en moins"),
        ("crop_20", "20 % of each side cut off", "20 % de chaque côté en moins"),
        ("crop_30", "30 % of each side cut off", "30 % de chaque côté en moins"),
        ("rotate_5", "turned by 5°", "tournée de 5°"),
        ("rotate_15", "turned by 15°", "tournée de 15°"),
        ("rotate_90", "turned by 90°", "tournée de 90°"),
        ("mirror", "mirror image", "en miroir"),
        ("screenshot", "screenshot of a post", "capture d’écran d’une publication"),
        ("collage_2", "beside another picture", "à côté d’une autre image"),
        ("collage_4", "among four pictures", "parmi quatre images"),
        ("perspective", "photographed from a screen", "photographiée sur un écran"),
        ("mirror_crop_10", "mirror image, 10 % off each side", "en miroir, 10 % en moins"),
        ("screenshot_jpeg_30", "screenshot, JPEG 30", "capture d’écran, JPEG 30"),
        ("mean_30_edits", "mean of the thirty", "moyenne des trente"),
    )
}

# What the table of speeds shows, in this order, of what was measured: name, words, unit.
FIGURE_WORDS: dict[str, dict[str, tuple[str, str]]] = {
    name: {"en": (en, unit_en), "fr": (fr, unit_fr)}
    for name, en, unit_en, fr, unit_fr in (
        ("p99_us", "one look-up, slowest of a hundred", "µs", "une recherche, la plus lente sur cent", "µs"),
        ("join_seconds", "a whole list against the bank", "s", "une liste entière contre la base", "s"),
        ("add_ms", "a fingerprint added, until it is found", "ms", "une empreinte ajoutée, jusqu’à être trouvée", "ms"),
        ("withdraw_ms", "withdrawn, until it is not found", "ms", "retirée, jusqu’à ne plus être trouvée", "ms"),
        ("open_ms", "opened, to the first answer", "ms", "ouverture, jusqu’à la première réponse", "ms"),
        ("memory_4_processes_mib", "memory of four processes", "MiB", "mémoire de quatre processus", "Mio"),
        ("jpeg_1080p_exact", "JPEG, 1080p, same bits", "/s", "JPEG, 1080p, mêmes bits", "/s"),
        ("jpeg_1080p_fast", "JPEG, 1080p, fast", "/s", "JPEG, 1080p, rapide", "/s"),
        ("jpeg_12mp_exact", "JPEG, 12 megapixels, same bits", "/s", "JPEG, 12 mégapixels, mêmes bits", "/s"),
        ("jpeg_12mp_fast", "JPEG, 12 megapixels, fast", "/s", "JPEG, 12 mégapixels, rapide", "/s"),
    )
}
