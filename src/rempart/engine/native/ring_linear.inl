// Comparing with every row, two words first: for the radii in use, chance alone never passes them.

KERNEL void linear(const uint8_t* hashes, uint64_t rows, const uint8_t* question, uint32_t number, int radius,
                   std::vector<Hit>& hits) {
    const Hash asked = load_hash(question);
    for (uint64_t row = 0; row < rows; row++) {
        Hash found = load_hash(hashes + HASH_BYTES * row);
        int half = count_bits(asked.word[0] ^ found.word[0]) + count_bits(asked.word[1] ^ found.word[1]);
        if (half > radius) continue;
        int distance = half + count_bits(asked.word[2] ^ found.word[2]) + count_bits(asked.word[3] ^ found.word[3]);
        if (distance <= radius) hits.push_back({number, uint32_t(row), uint16_t(distance)});
    }
}
