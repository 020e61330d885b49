// What libbson does with the documents of the benchmark. Each function does its work `rounds` times and gives a number
// that depends on all of it, so that no compiler leaves it out.
#ifndef NECTAR_LIBBSON_PEER_H
#define NECTAR_LIBBSON_PEER_H

#include <stddef.h>
#include <stdint.h>

// A document as a tree of C values, to encode from.
typedef struct peer_tree peer_tree;

const char *peer_version(void);
peer_tree *peer_tree_new(const uint8_t *bytes, size_t count);
void peer_tree_free(peer_tree *tree);

// The tree to bytes, by bson_append_*.
uint64_t peer_encode(const peer_tree *tree, int rounds);
// Bytes copied and checked; every key and value taken out to own its memory: bson_strdup, bson_value_copy.
uint64_t peer_decode(const uint8_t *bytes, size_t count, int rounds);
// All keys and values looked at where they stand, by bson_iter_next.
uint64_t peer_walk(const uint8_t *bytes, size_t count, int rounds);
// bson_validate with UTF-8 checked.
uint64_t peer_validate(const uint8_t *bytes, size_t count, int rounds);
uint64_t peer_write_json(const uint8_t *bytes, size_t count, int canonical, int rounds);
uint64_t peer_read_json(const char *text, size_t count, int rounds);

#endif
