// What a program in C does with a book by libbson: the struct that the Swift side has, whose strings are owned copies as
// they are there. Each function does its work `rounds` times and gives a number that depends on all of it, so that no
// compiler leaves it out.
#ifndef NECTAR_DOCUMENTS_PEER_H
#define NECTAR_DOCUMENTS_PEER_H

#include <stddef.h>
#include <stdint.h>

typedef struct book book;

const char *book_peer_version(void);
// A book of bytes; its fields are zero where they are missing.
book *book_new(const uint8_t *bytes, size_t count);
void book_free(book *book);
// Whether the book is written as these bytes.
int book_writes(const book *book, const uint8_t *bytes, size_t count);

uint64_t book_encode(const book *book, int rounds);
// With `checked`, the bytes are copied and go through bson_validate first, as bytes of a network's buffer have to.
uint64_t book_decode(const uint8_t *bytes, size_t count, int checked, int rounds);

#endif
