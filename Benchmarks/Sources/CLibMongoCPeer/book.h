#pragma once

#include <bson/bson.h>

// The struct that the Swift side has, in C: strings are owned copies, as they are there.
enum { TEXTS = 7, NUMBERS = 6, RATES = 3, DATES = 2, FLAGS = 2, TAGS = 3 };

typedef struct {
    bson_oid_t id, author;
    char *texts[TEXTS];
    int64_t numbers[NUMBERS];
    double rates[RATES];
    int64_t dates[DATES];
    bool flags[FLAGS];
    char *tags[TAGS];
    char *name, *city;
} book_t;

void book_id(int number, bson_oid_t *id);
void book_make(int number, book_t *book);
void book_encode(const book_t *book, bson_t *document);
bool book_decode(const bson_t *document, book_t *book);
void book_free(book_t *book);
