// Joining: both sides are sorted by chunk, and each bucket of rows is read once for all the questions that concern it.

constexpr int PAIRS = 512;          // pairs kept before they are compared whole
constexpr int JOIN_BLOCKS = 1024;   // blocks kept before their third chunk is looked at

struct Pair {
    uint32_t question, place;       // place: a position in the table, then a row
};

struct Join {
    Search search;
    int table;
    const SortedQuestions& sorted;
    int pairs;
    Pair pair[PAIRS];
    Block block[JOIN_BLOCKS + BLOCKS];  // of one piece of a bucket against many questions; `tag` is the question's place
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

// The rows of the blocks up to `end` that also keep the budget of three chunks become pairs.
KERNEL Status check_pairs(Join& join, const Block* end, int limit) {
    const uint16_t* near = join.search.ring.near[join.table];
    const uint16_t* far = join.search.ring.far[join.table];
    for (const Block* block = join.block; block < end; block++) {
        const uint32_t asked = join.sorted.sketch[block->tag];
        for (uint32_t mask = block->mask; mask; mask &= mask - 1) {
            uint32_t position = block->position + __builtin_ctz(mask);
            uint32_t sketch = near[position] | uint32_t(far[position]) << 16;
            if (count_bits(sketch ^ asked) > limit) continue;
            if (join.pairs == PAIRS)
                if (Status status = compare_pairs(join); status != FINE) return status;
            join.pair[join.pairs++] = {join.sorted.question[block->tag], position};
        }
    }
    return FINE;
}

// A few rows of bucket `chunk`, at most BLOCKS blocks, against all questions whose chunk differs from it by `flipped` bits.
KERNEL Status join_rows(Join& join, uint32_t chunk, Bucket rows, int flipped) {
    const uint16_t* near = join.search.ring.near[join.table];
    const int second = join.search.budgets.second - flipped, third = join.search.budgets.third - flipped;
    Block* last = join.block;
    for (int flip = flipped ? FLIP.first[flipped] : 0; flip < FLIP.first[flipped + 1]; flip++) {
        const uint32_t* asking = &join.sorted.offsets[chunk ^ FLIP.mask[flip]];
        for (uint32_t at = asking[0]; at < asking[1]; at++) {
            last = scan_rows(near, rows, sketches(uint16_t(join.sorted.sketch[at]), second), at, last);
            if (last < join.block + JOIN_BLOCKS) continue;
            if (Status status = check_pairs(join, last, third); status != FINE) return status;
            last = join.block;
        }
    }
    return check_pairs(join, last, third);
}

KERNEL Status join_bucket(Join& join, uint32_t chunk, Bucket rows) {
    constexpr uint32_t PIECE = ROOM * BLOCK_ROWS;
    for (uint32_t begin = rows.begin; begin < rows.end;) {
        uint32_t end = rows.end - begin < PIECE ? rows.end : begin + PIECE;
        for (int flipped = 0; flipped <= join.search.budgets.first; flipped++)
            if (Status status = join_rows(join, chunk, {begin, end}, flipped); status != FINE) return status;
        begin = end;
    }
    return FINE;
}

KERNEL Status join(const Ring& ring, int table, Bucket range, const uint8_t* questions, const SortedQuestions& sorted,
                   const Budgets& budgets, std::vector<Hit>& hits) {
    Join join{{ring, questions, 0, budgets, hits, 0}, table, sorted, 0, {}, {}};
    for (uint32_t chunk = range.begin; chunk < range.end; chunk++) {
        Bucket rows = {ring.offsets[table][chunk], ring.offsets[table][chunk + 1]};
        if (rows.begin > rows.end || rows.end > ring.rows) return DAMAGED;
        if (Status status = join_bucket(join, chunk, rows); status != FINE) return status;
    }
    return compare_pairs(join);
}
