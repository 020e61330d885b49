#include "book.h"

#include <string.h>

static const char *text_keys[TEXTS] = {"title", "subtitle", "language", "isbn", "cover", "summary", "format"};
static const char *texts[TEXTS] = {"The book with a number", "A subtitle of some length", "en", "978-3-16-148410-0",
                                   "https://example.org/covers/1.jpg",
                                   "A summary that is a little longer than the other strings are", "paperback"};
static const char *number_keys[NUMBERS] = {"year", "pages", "views", "copies", "edition", "shelf"};
static const char *rate_keys[RATES] = {"rating", "price", "weight"};
static const char *date_keys[DATES] = {"created", "changed"};
static const char *flag_keys[FLAGS] = {"available", "inPrint"};
static const char *tags[TAGS] = {"swift", "mongodb", "sqlite"};

void book_id(int number, bson_oid_t *id) {
    memset(id->bytes, 0, sizeof id->bytes);
    for (int i = 0; i < 4; i++) id->bytes[11 - i] = (uint8_t)(number >> (8 * i));
}

void book_make(int number, book_t *book) {
    book_id(number, &book->id);
    book_id(number / 10, &book->author);
    for (int i = 0; i < TEXTS; i++) book->texts[i] = bson_strdup(texts[i]);
    for (int i = 0; i < NUMBERS; i++) book->numbers[i] = 1000 + i + number;
    for (int i = 0; i < RATES; i++) book->rates[i] = 4.5 + i;
    for (int i = 0; i < DATES; i++) book->dates[i] = 1700000000000 + i;
    for (int i = 0; i < FLAGS; i++) book->flags[i] = i == 0;
    for (int i = 0; i < TAGS; i++) book->tags[i] = bson_strdup(tags[i]);
    book->name = bson_strdup("A publishing house");
    book->city = bson_strdup("Prague");
}

void book_encode(const book_t *book, bson_t *document) {
    bson_t child;
    const char *places[TAGS] = {"0", "1", "2"};
    bson_init(document);
    bson_append_oid(document, "_id", 3, &book->id);
    bson_append_oid(document, "author", 6, &book->author);
    for (int i = 0; i < TEXTS; i++) bson_append_utf8(document, text_keys[i], -1, book->texts[i], -1);
    for (int i = 0; i < NUMBERS; i++) bson_append_int64(document, number_keys[i], -1, book->numbers[i]);
    for (int i = 0; i < RATES; i++) bson_append_double(document, rate_keys[i], -1, book->rates[i]);
    for (int i = 0; i < DATES; i++) bson_append_date_time(document, date_keys[i], -1, book->dates[i]);
    for (int i = 0; i < FLAGS; i++) bson_append_bool(document, flag_keys[i], -1, book->flags[i]);
    bson_append_array_begin(document, "tags", 4, &child);
    for (int i = 0; i < TAGS; i++) bson_append_utf8(&child, places[i], 1, book->tags[i], -1);
    bson_append_array_end(document, &child);
    bson_append_document_begin(document, "publisher", 9, &child);
    bson_append_utf8(&child, "name", 4, book->name, -1);
    bson_append_utf8(&child, "city", 4, book->city, -1);
    bson_append_document_end(document, &child);
}

static int place(const char *key, const char **keys, int count) {
    for (int i = 0; i < count; i++) {
        if (strcmp(key, keys[i]) == 0) return i;
    }
    return -1;
}

// One walk that copies each value into the struct, as a careful C program does it.
bool book_decode(const bson_t *document, book_t *book) {
    bson_iter_t field, child;
    int i, tag = 0;
    memset(book, 0, sizeof *book);
    if (!bson_iter_init(&field, document)) return false;
    while (bson_iter_next(&field)) {
        const char *key = bson_iter_key(&field);
        switch (bson_iter_type(&field)) {
        case BSON_TYPE_OID: bson_oid_copy(bson_iter_oid(&field), key[0] == '_' ? &book->id : &book->author); break;
        case BSON_TYPE_UTF8:
            if ((i = place(key, text_keys, TEXTS)) >= 0) book->texts[i] = bson_iter_dup_utf8(&field, NULL);
            break;
        case BSON_TYPE_INT64:
            if ((i = place(key, number_keys, NUMBERS)) >= 0) book->numbers[i] = bson_iter_int64(&field);
            break;
        case BSON_TYPE_DOUBLE:
            if ((i = place(key, rate_keys, RATES)) >= 0) book->rates[i] = bson_iter_double(&field);
            break;
        case BSON_TYPE_DATE_TIME:
            if ((i = place(key, date_keys, DATES)) >= 0) book->dates[i] = bson_iter_date_time(&field);
            break;
        case BSON_TYPE_BOOL:
            if ((i = place(key, flag_keys, FLAGS)) >= 0) book->flags[i] = bson_iter_bool(&field);
            break;
        case BSON_TYPE_ARRAY:
            if (!bson_iter_recurse(&field, &child)) return false;
            while (bson_iter_next(&child) && tag < TAGS) book->tags[tag++] = bson_iter_dup_utf8(&child, NULL);
            break;
        case BSON_TYPE_DOCUMENT:
            if (!bson_iter_recurse(&field, &child)) return false;
            while (bson_iter_next(&child)) {
                if (strcmp(bson_iter_key(&child), "name") == 0) book->name = bson_iter_dup_utf8(&child, NULL);
                if (strcmp(bson_iter_key(&child), "city") == 0) book->city = bson_iter_dup_utf8(&child, NULL);
            }
            break;
        default: break;
        }
    }
    return book->texts[TEXTS - 1] != NULL && book->city != NULL;
}

void book_free(book_t *book) {
    for (int i = 0; i < TEXTS; i++) bson_free(book->texts[i]);
    for (int i = 0; i < TAGS; i++) bson_free(book->tags[i]);
    bson_free(book->name);
    bson_free(book->city);
}
