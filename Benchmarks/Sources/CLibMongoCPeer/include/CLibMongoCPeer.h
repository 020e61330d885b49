#pragma once

// libmongoc at the works that DriverBenchmarks measures. Every function gives the number of documents that it has read
// or written, -1 after an error, which it prints.

const char *mongoc_peer_version(void);

// Connects, and makes `count` books with the ids 1 to `count` for mongoc_peer_insert. 0 where it works.
int mongoc_peer_open(const char *uri, int count);
void mongoc_peer_close(void);

// One after the other, by _id, each into a struct.
long mongoc_peer_find_one(int calls);
// The first `limit` documents into structs; 0 for all, over a cursor.
long mongoc_peer_find(int calls, int limit);
// All books in one call, from structs.
long mongoc_peer_insert(const char *collection);
// `threads` at a time, each with a client of a pool.
long mongoc_peer_concurrent(int threads, int calls);
