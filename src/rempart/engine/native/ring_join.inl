// Joining: both sides are sorted by chunk, and each bucket of rows is read once for all the questions that concern it.

constexpr int PAIRS = 512;          // pairs kept before they are compared whole

struct Pair {
    uint32_t question, place;       // place: a position in the table, then a row
};

struct Join {
    Search search;
    int table;
    const SortedQuestions& sorted;
    int pairs;
    Pair pair[PAIRS];
};

KERNEL Status compare_pairs(Join& join) {
    const Ring& ring = join.search.ring;
    for (int number = 0; number < join.pairs; number++) fetch(ring.row_of[join.table] + join.pair[number].place);
    for (int number = 0; number < join.pairs; number++) {
        Pair& pair = join.pair[number];
        pair.place = ring.row_of[join.table][pair.place];
        if (pair.place >= ring.rows) return DAMAGED;
        fetch(ring.hashes + uint64_t(HASH_BYTES) * pair.place);
        fetch(join.search.questions + uint64_t(HASH_BYTES) * pair.question);
    }
    for (int number = 0; number < join.pairs; number++)
        compare(join.search, join.pair[number].question, join.table, join.pair[number].place);
    join.pairs = 0;
    return FINE;
}

// The rows of these blocks that also keep the budget of three chunks with question `at` become pairs.
KERNEL inline Status check_pairs(Join& join, const Block* block, const Block* end, uint32_t at, int limit) {
    const uint16_t* near = join.search.ring.near[join.table];
    const uint16_t* far = join.search.ring.far[join.table];
    const uint32_t asked = join.sorted.sketch[at];
    for (; block < end; block++)
        for (uint32_t mask = block->mask; mask; mask &= mask - 1) {
            uint32_t position = block->position + __builtin_ctz(mask);
            uint32_t sketch = near[position] | uint32_t(far[position]) << 16;
            if (count_bits(sketch ^ asked) > limit) continue;
            if (join.pairs == PAIRS)
                if (Status status = compare_pairs(join); status != FINE) return status;
            join.pair[join.pairs++] = {join.sorted.question[at], position};
        }
    return FINE;
}

// One bucket of rows, against the questions of one bucket of questions.
KERNEL Status join_buckets(Join& join, Bucket rows, Bucket questions, int flipped) {
    constexpr uint32_t PIECE = BLOCKS * BLOCK_ROWS;
    Block blocks[BLOCKS + 1];
    const Budgets& budgets = join.search.budgets;
    for (uint32_t begin = rows.begin; begin < rows.end;) {
        uint32_t end = rows.end - begin < PIECE ? rows.end : begin + PIECE;
        for (uint32_t at = questions.begin; at < questions.end; at++) {
            Sketches asked = sketches(uint16_t(join.sorted.sketch[at]), budgets.second - flipped);
            const Block* last = scan_rows(join.search.ring.near[join.table], {begin, end}, asked, flipped, blocks);
            Status status = check_pairs(join, blocks, last, at, budgets.third - flipped);
            if (status != FINE) return status;
        }
        begin = end;
    }
    return FINE;
}

KERNEL Status join(const Ring& ring, int table, Bucket range, const uint8_t* questions, const SortedQuestions& sorted,
                   const Budgets& budgets, std::vector<Hit>& hits) {
    Join join{{ring, questions, 0, budgets, hits, 0}, table, sorted, 0, {}};
    for (uint32_t chunk = range.begin; chunk < range.end; chunk++) {
        Bucket rows = {ring.offsets[table][chunk], ring.offsets[table][chunk + 1]};
        if (rows.begin > rows.end || rows.end > ring.rows) return DAMAGED;
        if (rows.begin == rows.end) continue;
        for (int flip = 0; flip < budgets.flips(); flip++) {
            uint32_t other = chunk ^ FLIP.mask[flip];
            Bucket asking = {sorted.offsets[other], sorted.offsets[other + 1]};
            int flipped = (flip >= FLIP.first[1]) + (flip >= FLIP.first[2]);
            if (Status status = join_buckets(join, rows, asking, flipped); status != FINE) return status;
        }
    }
    return compare_pairs(join);
}
