#include "CLibMongoCPeer.h"

#include <mongoc/mongoc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "book.h"

static mongoc_uri_t *uri;
static mongoc_client_t *client;
static mongoc_client_pool_t *pool;
static book_t *books;
static int book_count;

const char *mongoc_peer_version(void) { return mongoc_get_version(); }

int mongoc_peer_open(const char *text, int count) {
    bson_error_t error;
    mongoc_init();
    uri = mongoc_uri_new_with_error(text, &error);
    if (!uri || !(client = mongoc_client_new_from_uri(uri)) || !(pool = mongoc_client_pool_new(uri))) return -1;
    book_count = count;
    books = calloc((size_t)count, sizeof *books);
    for (int i = 0; i < count; i++) book_make(i + 1, &books[i]);
    return 0;
}

void mongoc_peer_close(void) {
    for (int i = 0; i < book_count; i++) book_free(&books[i]);
    free(books);
    mongoc_client_destroy(client);
    mongoc_client_pool_destroy(pool);
    mongoc_uri_destroy(uri);
    mongoc_cleanup();
}

static long failed(const bson_error_t *error) {
    fprintf(stderr, "libmongoc: %s\n", error->message);
    return -1;
}

// Reads all documents of a query into structs, one after the other; where `room` is more than one they are kept until all
// are read, as a list of them is in the other languages.
static long read_books(mongoc_collection_t *collection, const bson_t *filter, const bson_t *options, int room) {
    const bson_t *document;
    bson_error_t error;
    book_t one, *kept = room > 1 ? calloc((size_t)room, sizeof *kept) : NULL;
    long found = 0;
    bool failed_one = false;
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(collection, filter, options, NULL);
    while (!failed_one && mongoc_cursor_next(cursor, &document)) {
        book_t *book = kept && found < room ? &kept[found] : &one;
        failed_one = !book_decode(document, book);
        found++;
        if (book == &one) book_free(book);
    }
    for (long i = 0; kept && i < found && i < room; i++) book_free(&kept[i]);
    free(kept);
    if (failed_one) found = -1;
    if (mongoc_cursor_error(cursor, &error)) found = failed(&error);
    mongoc_cursor_destroy(cursor);
    return found;
}

static long find_ones(mongoc_client_t *with, int calls) {
    mongoc_collection_t *collection = mongoc_client_get_collection(with, "bench", "books");
    bson_t *options = BCON_NEW("limit", BCON_INT64(1), "singleBatch", BCON_BOOL(true));
    long found = 0;
    for (int i = 0; i < calls && found >= 0; i++) {
        bson_oid_t id;
        bson_t filter;
        book_id(i * 7919 % book_count + 1, &id);
        bson_init(&filter);
        bson_append_oid(&filter, "_id", 3, &id);
        found = read_books(collection, &filter, options, 1) == 1 ? found + 1 : -1;
        bson_destroy(&filter);
    }
    bson_destroy(options);
    mongoc_collection_destroy(collection);
    return found;
}

long mongoc_peer_find_one(int calls) { return find_ones(client, calls); }

long mongoc_peer_find(int calls, int limit) {
    mongoc_collection_t *collection = mongoc_client_get_collection(client, "bench", "books");
    bson_t filter, options;
    long found = 0;
    bson_init(&filter);
    bson_init(&options);
    if (limit > 0) bson_append_int64(&options, "limit", 5, limit);
    for (int i = 0; i < calls && found >= 0; i++) {
        long more = read_books(collection, &filter, &options, limit);
        found = more < 0 ? -1 : found + more;
    }
    bson_destroy(&filter);
    bson_destroy(&options);
    mongoc_collection_destroy(collection);
    return found;
}

long mongoc_peer_insert(const char *name) {
    mongoc_collection_t *collection = mongoc_client_get_collection(client, "bench", name);
    bson_t *documents = calloc((size_t)book_count, sizeof *documents);
    const bson_t **all = calloc((size_t)book_count, sizeof *all);
    bson_error_t error;
    for (int i = 0; i < book_count; i++) {
        book_encode(&books[i], &documents[i]);
        all[i] = &documents[i];
    }
    long done = book_count;
    if (!mongoc_collection_insert_many(collection, all, (size_t)book_count, NULL, NULL, &error)) done = failed(&error);
    for (int i = 0; i < book_count; i++) bson_destroy(&documents[i]);
    free(documents);
    free(all);
    mongoc_collection_destroy(collection);
    return done;
}

static void *run_thread(void *calls) {
    mongoc_client_t *with = mongoc_client_pool_pop(pool);
    long found = find_ones(with, (int)(intptr_t)calls);
    mongoc_client_pool_push(pool, with);
    return (void *)(intptr_t)found;
}

long mongoc_peer_concurrent(int threads, int calls) {
    pthread_t *all = calloc((size_t)threads, sizeof *all);
    int started = 0;
    long found = 0;
    while (started < threads && pthread_create(&all[started], NULL, run_thread, (void *)(intptr_t)calls) == 0) started++;
    for (int i = 0; i < started; i++) {
        void *result;
        pthread_join(all[i], &result);
        found = found < 0 || (long)(intptr_t)result < 0 ? -1 : found + (long)(intptr_t)result;
    }
    free(all);
    return started == threads ? found : -1;
}
