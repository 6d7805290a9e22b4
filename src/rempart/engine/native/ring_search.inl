// Looking up: the steps of a question, one for each table, on a moving belt. Included by each kernel, in its own namespace.
//
// open → find_buckets → scan → check_far → name_rows → verify. Each asks the memory for what the next will read, and the
// belt leaves it time: several steps, and at their ends several questions, are on the belt at once.

KERNEL inline void fetch(const void* address) { __builtin_prefetch(address); }

struct Search {
    const Ring& ring;
    const uint8_t* questions;
    uint32_t first;
    const Budgets& budgets;
    std::vector<Hit>& hits;
    int lines;                      // of a bucket, asked for ahead at most
};

KERNEL inline int distance_of(const Hash& one, const Hash& other) {
    return count_bits(one.word[0] ^ other.word[0]) + count_bits(one.word[1] ^ other.word[1]) +
           count_bits(one.word[2] ^ other.word[2]) + count_bits(one.word[3] ^ other.word[3]);
}

// Is this row near enough, and is it for this table to say so?
KERNEL inline void compare(const Search& search, uint32_t question, int table, uint32_t row) {
    Hash asked = load_hash(search.questions + uint64_t(HASH_BYTES) * question);
    Hash found = load_hash(search.ring.hashes + uint64_t(HASH_BYTES) * row);
    int distance = distance_of(asked, found);
    if (distance > search.budgets.radius) return;
    Hash difference;
    for (int word = 0; word < 4; word++) difference.word[word] = asked.word[word] ^ found.word[word];
    if (reporting_table(difference, search.budgets.radius, count_bits) != table) return;
    search.hits.push_back({search.first + question, row, uint16_t(distance)});
}

KERNEL void open(const Search& search, Step& step, uint32_t question, int table) {
    Hash asked = load_hash(search.questions + uint64_t(HASH_BYTES) * question);
    step.question = question;
    step.table = table;
    step.chunk = chunk_of(asked, table);
    step.near = chunk_of(asked, table + 1);
    step.far = chunk_of(asked, table + 2);
    step.blocks = step.candidates = 0;
    for (int flip = 0; flip < search.budgets.flips(); flip++)
        fetch(search.ring.offsets[table] + (step.chunk ^ FLIP.mask[flip]));
}

KERNEL Status find_buckets(const Search& search, Step& step) {
    const uint32_t* offsets = search.ring.offsets[step.table];
    bool is_sound = true;
    for (int flip = 0; flip < search.budgets.flips(); flip++) {
        uint32_t chunk = step.chunk ^ FLIP.mask[flip];
        Bucket bucket = {offsets[chunk], offsets[chunk + 1]};
        is_sound &= bucket.begin <= bucket.end && bucket.end <= search.ring.rows;
        if (!is_sound) return DAMAGED;
        step.bucket[flip] = bucket;
    }
    return FINE;
}

KERNEL Status name_rows(const Search& search, Step& step) {
    const uint32_t* row_of = search.ring.row_of[step.table];
    for (int number = 0; number < step.candidates; number++) {
        uint32_t row = row_of[step.candidate[number]];
        if (row >= search.ring.rows) return DAMAGED;
        step.candidate[number] = row;
        fetch(search.ring.hashes + uint64_t(HASH_BYTES) * row);
    }
    return FINE;
}

KERNEL void verify(const Search& search, Step& step) {
    for (int number = 0; number < step.candidates; number++) compare(search, step.question, step.table, step.candidate[number]);
    step.candidates = 0;
}

KERNEL Status make_room(const Search& search, Step& step) {
    Status status = name_rows(search, step);
    if (status == FINE) verify(search, step);
    return status;
}

KERNEL Status check_far(const Search& search, Step& step) {
    const uint16_t* near = search.ring.near[step.table];
    const uint16_t* far = search.ring.far[step.table];
    const uint32_t asked = step.near | uint32_t(step.far) << 16;
    for (int number = 0; number < step.blocks; number++) {
        const Block& block = step.block[number];
        for (uint32_t mask = block.mask; mask; mask &= mask - 1) {
            uint32_t position = block.position + __builtin_ctz(mask);
            uint32_t sketch = near[position] | uint32_t(far[position]) << 16;
            if (count_bits(sketch ^ asked) + int(block.tag) > search.budgets.third) continue;
            if (step.candidates == CANDIDATES)
                if (Status status = make_room(search, step); status != FINE) return status;
            fetch(search.ring.row_of[step.table] + position);
            step.candidate[step.candidates++] = position;
        }
    }
    step.blocks = 0;
    return FINE;
}

// Rows are read by whole lines of the cache: a load that straddles two waits for both, and costs twice.
KERNEL inline uint32_t line_start(uint32_t row) { return row & ~uint32_t(BLOCK_ROWS - 1); }

// Writes down the blocks that hold a row within the limit, without a branch on what is found; answers the end of the list.
KERNEL inline Block* scan_rows(const uint16_t* near, Bucket rows, const Sketches& asked, uint32_t tag, Block* block) {
    uint32_t inside = ~0u << (rows.begin % BLOCK_ROWS);
    for (uint32_t at = line_start(rows.begin); at < rows.end; at += BLOCK_ROWS) {
        uint32_t left = rows.end - at;
        uint32_t mask = near_mask(near + at, asked) & inside;
        inside = ~0u;
        if (left < BLOCK_ROWS) mask &= (1u << left) - 1;
        *block = {at, mask, tag};
        block += mask != 0;
    }
    return block;
}

// Asks for a bucket, unless it is far longer than most: what is first asked for would be gone again when it is read. Into the
// second cache, not the first: of those requests more can be on their way at once.
KERNEL inline void fetch_bucket(const Search& search, const Step& step, int flip) {
    constexpr int TO_SECOND_CACHE = 2;
    const uint16_t* near = search.ring.near[step.table];
    const Bucket bucket = step.bucket[flip];
    const uint64_t begin = line_start(bucket.begin), far = begin + uint64_t(search.lines) * BLOCK_ROWS;
    const uint64_t end = far < bucket.end ? far : bucket.end;
    for (uint64_t at = begin; at < end; at += BLOCK_ROWS) __builtin_prefetch(near + at, 0, TO_SECOND_CACHE);
}

// A bucket with more rows than a step has room for: in pieces.
KERNEL Status scan_large(const Search& search, Step& step, Bucket bucket, const Sketches& asked, uint32_t flipped) {
    constexpr uint32_t PIECE = ROOM * BLOCK_ROWS;
    for (uint32_t begin = bucket.begin; begin < bucket.end;) {
        if (Status status = check_far(search, step); status != FINE) return status;
        uint32_t end = bucket.end - begin < PIECE ? bucket.end : begin + PIECE;
        Block* last = scan_rows(search.ring.near[step.table], {begin, end}, asked, flipped, step.block);
        step.blocks = int32_t(last - step.block);
        begin = end;
    }
    return FINE;
}

KERNEL void fetch_buckets(const Search& search, const Step& step) {
    for (int flip = 0; flip < search.budgets.flips(); flip++) fetch_bucket(search, step, flip);
}

// Every bucket of a step; meanwhile the buckets of the step after it are fetched, one for one.
KERNEL Status scan(const Search& search, Step& step, const Step& ahead) {
    const uint16_t* near = search.ring.near[step.table];
    Block* last = step.block;
    int flip = 0;
    for (int flipped = 0; flipped <= search.budgets.first; flipped++) {
        const Sketches asked = sketches(step.near, search.budgets.second - flipped);
        for (; flip < FLIP.first[flipped + 1]; flip++) {
            fetch_bucket(search, ahead, flip);
            Bucket bucket = step.bucket[flip];
            if (__builtin_expect(bucket.end - bucket.begin > BLOCK_ROWS * (step.block + ROOM - last), 0)) {
                step.blocks = int32_t(last - step.block);
                if (Status status = scan_large(search, step, bucket, asked, uint32_t(flipped)); status != FINE) return status;
                last = step.block + step.blocks;
            } else {
                last = scan_rows(near, bucket, asked, uint32_t(flipped), last);
            }
        }
    }
    step.blocks = int32_t(last - step.block);
    const uint16_t* far = search.ring.far[step.table];
    for (const Block* block = step.block; block < last; block++) fetch(far + block->position);
    return FINE;
}

// How many turns of the belt after it was opened a step does what.
constexpr uint64_t FIND = CHUNKS, AHEAD = FIND, SCAN = AHEAD + 2, CHECK = SCAN + 2, NAME = CHECK + 2, VERIFY = NAME + 2;
static_assert(VERIFY < STEPS, "a step leaves the belt before its place is taken");

KERNEL Status turn(const Search& search, Step* steps, uint64_t now, uint64_t count) {
    Status status = FINE;
    auto due = [&](uint64_t after) { return now - after < count; };  // wraps to a great number where it is not yet time
    auto at = [&](uint64_t after) -> Step& { return steps[(now - after) % STEPS]; };
    if (due(0)) open(search, at(0), uint32_t(now / CHUNKS), int(now % CHUNKS));
    if (due(FIND) && (status = find_buckets(search, at(FIND))) != FINE) return status;
    if (due(AHEAD) && !due(SCAN)) fetch_buckets(search, at(AHEAD));
    if (due(SCAN) && (status = scan(search, at(SCAN), at(due(AHEAD) ? AHEAD : SCAN))) != FINE) return status;
    if (due(CHECK) && (status = check_far(search, at(CHECK))) != FINE) return status;
    if (due(NAME) && (status = name_rows(search, at(NAME))) != FINE) return status;
    if (due(VERIFY)) verify(search, at(VERIFY));
    return FINE;
}

KERNEL Status lookup(const Ring& ring, const uint8_t* questions, uint32_t first, uint32_t count, const Budgets& budgets,
                     Step* steps, std::vector<Hit>& hits) {
    if (!ring.rows) return FINE;  // not even the padding that is read behind the last row is there
    Search search{ring, questions, first, budgets, hits, lines_of_bucket(ring.rows)};
    const uint64_t all = uint64_t(count) * CHUNKS;
    for (uint64_t now = 0; now < all + VERIFY; now++)
        if (Status status = turn(search, steps, now, all); status != FINE) return status;
    return FINE;
}
