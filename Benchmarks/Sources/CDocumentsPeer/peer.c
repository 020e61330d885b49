#include "peer.h"

#include <bson/bson.h>
#include <stdlib.h>
#include <string.h>

struct book {
    bson_oid_t id, author;
    char *title, *subtitle, *language, *isbn, *series, *cover, *summary, *format;
    int64_t year, pages, views, copies, edition;
    double rating, price, weight;
    int64_t created, changed;
    bool available, in_print;
    char **tags;
    size_t tag_count;
    struct {
        char *name, *city;
    } publisher;
};

const char *book_peer_version(void) { return bson_get_version(); }

// Goes to a field. In a document whose fields have the order they are asked for, each is the next one, so that this is
// one comparison; any other order works too.
static bool find(bson_iter_t *iter, const bson_t *document, const char *key) {
    return bson_iter_find(iter, key) || bson_iter_init_find(iter, document, key);
}

static bool text(bson_iter_t *iter, const bson_t *document, const char *key, char **to) {
    if (!find(iter, document, key) || !BSON_ITER_HOLDS_UTF8(iter)) return false;
    *to = bson_iter_dup_utf8(iter, NULL);
    return true;
}

static bool integer(bson_iter_t *iter, const bson_t *document, const char *key, int64_t *to) {
    if (!find(iter, document, key) || !BSON_ITER_HOLDS_NUMBER(iter)) return false;
    *to = bson_iter_as_int64(iter);
    return true;
}

static bool number(bson_iter_t *iter, const bson_t *document, const char *key, double *to) {
    if (!find(iter, document, key) || !BSON_ITER_HOLDS_NUMBER(iter)) return false;
    *to = bson_iter_as_double(iter);
    return true;
}

static bool date(bson_iter_t *iter, const bson_t *document, const char *key, int64_t *to) {
    if (!find(iter, document, key) || !BSON_ITER_HOLDS_DATE_TIME(iter)) return false;
    *to = bson_iter_date_time(iter);
    return true;
}

static bool flag(bson_iter_t *iter, const bson_t *document, const char *key, bool *to) {
    if (!find(iter, document, key) || !BSON_ITER_HOLDS_BOOL(iter)) return false;
    *to = bson_iter_bool(iter);
    return true;
}

static bool oid(bson_iter_t *iter, const bson_t *document, const char *key, bson_oid_t *to) {
    if (!find(iter, document, key) || !BSON_ITER_HOLDS_OID(iter)) return false;
    bson_oid_copy(bson_iter_oid(iter), to);
    return true;
}

static bool tags(bson_iter_t *iter, const bson_t *document, book *book) {
    bson_iter_t item;
    size_t count = 0;
    if (!find(iter, document, "tags") || !BSON_ITER_HOLDS_ARRAY(iter)) return false;
    if (!bson_iter_recurse(iter, &item)) return false;
    while (bson_iter_next(&item)) count++;
    book->tags = bson_malloc(count * sizeof *book->tags);
    if (!bson_iter_recurse(iter, &item)) return false;
    while (bson_iter_next(&item)) {
        if (!BSON_ITER_HOLDS_UTF8(&item)) return false;
        book->tags[book->tag_count++] = bson_iter_dup_utf8(&item, NULL);
    }
    return true;
}

static bool publisher(bson_iter_t *iter, const bson_t *document, book *book) {
    const uint8_t *bytes;
    uint32_t count;
    bson_t inner;
    bson_iter_t field;
    if (!find(iter, document, "publisher") || !BSON_ITER_HOLDS_DOCUMENT(iter)) return false;
    bson_iter_document(iter, &count, &bytes);
    return bson_init_static(&inner, bytes, count) && bson_iter_init(&field, &inner)
        && text(&field, &inner, "name", &book->publisher.name) && text(&field, &inner, "city", &book->publisher.city);
}

static bool read_book(const bson_t *document, book *book) {
    bson_iter_t iter;
    return bson_iter_init(&iter, document) && oid(&iter, document, "_id", &book->id)
        && oid(&iter, document, "author", &book->author) && text(&iter, document, "title", &book->title)
        && text(&iter, document, "subtitle", &book->subtitle) && text(&iter, document, "language", &book->language)
        && text(&iter, document, "isbn", &book->isbn) && text(&iter, document, "series", &book->series)
        && text(&iter, document, "cover", &book->cover) && text(&iter, document, "summary", &book->summary)
        && text(&iter, document, "format", &book->format) && integer(&iter, document, "year", &book->year)
        && integer(&iter, document, "pages", &book->pages) && integer(&iter, document, "views", &book->views)
        && integer(&iter, document, "copies", &book->copies) && integer(&iter, document, "edition", &book->edition)
        && number(&iter, document, "rating", &book->rating) && number(&iter, document, "price", &book->price)
        && number(&iter, document, "weight", &book->weight) && date(&iter, document, "created", &book->created)
        && date(&iter, document, "changed", &book->changed) && flag(&iter, document, "available", &book->available)
        && flag(&iter, document, "inPrint", &book->in_print) && tags(&iter, document, book)
        && publisher(&iter, document, book);
}

static void write_book(const book *book, bson_t *document) {
    bson_t inner;
    BSON_APPEND_OID(document, "_id", &book->id);
    BSON_APPEND_OID(document, "author", &book->author);
    BSON_APPEND_UTF8(document, "title", book->title);
    BSON_APPEND_UTF8(document, "subtitle", book->subtitle);
    BSON_APPEND_UTF8(document, "language", book->language);
    BSON_APPEND_UTF8(document, "isbn", book->isbn);
    BSON_APPEND_UTF8(document, "series", book->series);
    BSON_APPEND_UTF8(document, "cover", book->cover);
    BSON_APPEND_UTF8(document, "summary", book->summary);
    BSON_APPEND_UTF8(document, "format", book->format);
    BSON_APPEND_INT64(document, "year", book->year);
    BSON_APPEND_INT64(document, "pages", book->pages);
    BSON_APPEND_INT64(document, "views", book->views);
    BSON_APPEND_INT64(document, "copies", book->copies);
    BSON_APPEND_INT64(document, "edition", book->edition);
    BSON_APPEND_DOUBLE(document, "rating", book->rating);
    BSON_APPEND_DOUBLE(document, "price", book->price);
    BSON_APPEND_DOUBLE(document, "weight", book->weight);
    BSON_APPEND_DATE_TIME(document, "created", book->created);
    BSON_APPEND_DATE_TIME(document, "changed", book->changed);
    BSON_APPEND_BOOL(document, "available", book->available);
    BSON_APPEND_BOOL(document, "inPrint", book->in_print);
    BSON_APPEND_ARRAY_BEGIN(document, "tags", &inner);
    for (size_t index = 0; index < book->tag_count; index++) {
        char buffer[16];
        const char *key;
        size_t length = bson_uint32_to_string((uint32_t)index, &key, buffer, sizeof buffer);
        bson_append_utf8(&inner, key, (int)length, book->tags[index], (int)strlen(book->tags[index]));
    }
    bson_append_array_end(document, &inner);
    BSON_APPEND_DOCUMENT_BEGIN(document, "publisher", &inner);
    BSON_APPEND_UTF8(&inner, "name", book->publisher.name);
    BSON_APPEND_UTF8(&inner, "city", book->publisher.city);
    bson_append_document_end(document, &inner);
}

static void clear(book *book) {
    char *texts[] = {
        book->title, book->subtitle, book->language, book->isbn, book->series, book->cover, book->summary,
        book->format, book->publisher.name, book->publisher.city,
    };
    for (size_t index = 0; index < sizeof texts / sizeof *texts; index++) bson_free(texts[index]);
    for (size_t index = 0; index < book->tag_count; index++) bson_free(book->tags[index]);
    bson_free(book->tags);
}

book *book_new(const uint8_t *bytes, size_t count) {
    book *made = calloc(1, sizeof *made);
    bson_t document;
    if (bson_init_static(&document, bytes, count)) read_book(&document, made);
    return made;
}

void book_free(book *book) {
    clear(book);
    free(book);
}

int book_writes(const book *book, const uint8_t *bytes, size_t count) {
    bson_t document;
    bson_init(&document);
    if (book->title) write_book(book, &document);
    int is_same = document.len == count && memcmp(bson_get_data(&document), bytes, count) == 0;
    bson_destroy(&document);
    return is_same;
}

uint64_t book_encode(const book *book, int rounds) {
    uint64_t sum = 0;
    for (int round = 0; round < rounds; round++) {
        bson_t document;
        bson_init(&document);
        write_book(book, &document);
        sum += document.len;
        bson_destroy(&document);
    }
    return sum;
}

uint64_t book_decode(const uint8_t *bytes, size_t count, int checked, int rounds) {
    uint64_t sum = 0;
    for (int round = 0; round < rounds; round++) {
        bson_t document;
        book book = {0};
        size_t offset;
        uint8_t *copy = NULL;
        if (checked) {
            copy = bson_malloc(count);
            memcpy(copy, bytes, count);
        }
        if (bson_init_static(&document, checked ? copy : bytes, count)
            && (!checked || bson_validate(&document, BSON_VALIDATE_UTF8 | BSON_VALIDATE_UTF8_ALLOW_NULL, &offset))
            && read_book(&document, &book))
            sum += (uint64_t)book.year;
        clear(&book);
        bson_free(copy);
    }
    return sum;
}
