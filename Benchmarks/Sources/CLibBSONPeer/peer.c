#include "CLibBSONPeer.h"

#include <bson/bson.h>
#include <stdlib.h>
#include <string.h>

struct peer_tree {
    char *key;
    int key_length;
    bson_value_t value;  // What a leaf holds; of a document or an array, the type only.
    peer_tree *children;
    int count;
};

const char *peer_version(void) { return bson_get_version(); }

static void fill(peer_tree *tree, bson_iter_t *iter) {
    int capacity = 0;
    while (bson_iter_next(iter)) {
        if (tree->count == capacity) {
            capacity = capacity ? capacity * 2 : 8;
            tree->children = realloc(tree->children, (size_t)capacity * sizeof(peer_tree));
        }
        peer_tree *child = &tree->children[tree->count++];
        memset(child, 0, sizeof *child);
        child->key_length = (int)bson_iter_key_len(iter);
        child->key = malloc((size_t)child->key_length + 1);
        memcpy(child->key, bson_iter_key(iter), (size_t)child->key_length + 1);
        bson_type_t type = bson_iter_type(iter);
        if (type == BSON_TYPE_DOCUMENT || type == BSON_TYPE_ARRAY) {
            bson_iter_t inner;
            child->value.value_type = type;
            if (bson_iter_recurse(iter, &inner)) fill(child, &inner);
        } else {
            bson_value_copy(bson_iter_value(iter), &child->value);
        }
    }
}

static void clear(peer_tree *tree) {
    for (int index = 0; index < tree->count; index++) clear(&tree->children[index]);
    bson_type_t type = tree->value.value_type;
    if (type != BSON_TYPE_DOCUMENT && type != BSON_TYPE_ARRAY) bson_value_destroy(&tree->value);
    free(tree->children);
    free(tree->key);
}

peer_tree *peer_tree_new(const uint8_t *bytes, size_t count) {
    peer_tree *tree = calloc(1, sizeof *tree);
    tree->value.value_type = BSON_TYPE_DOCUMENT;
    bson_t document;
    bson_iter_t iter;
    if (bson_init_static(&document, bytes, count) && bson_iter_init(&iter, &document)) fill(tree, &iter);
    return tree;
}

void peer_tree_free(peer_tree *tree) {
    clear(tree);
    free(tree);
}

static void encode(bson_t *to, const peer_tree *tree);

static void append(bson_t *to, const char *key, int length, const peer_tree *child) {
    const bson_value_t *value = &child->value;
    bson_t inner;
    switch (value->value_type) {
    case BSON_TYPE_DOUBLE: bson_append_double(to, key, length, value->value.v_double); break;
    case BSON_TYPE_UTF8:
        bson_append_utf8(to, key, length, value->value.v_utf8.str, (int)value->value.v_utf8.len);
        break;
    case BSON_TYPE_INT32: bson_append_int32(to, key, length, value->value.v_int32); break;
    case BSON_TYPE_INT64: bson_append_int64(to, key, length, value->value.v_int64); break;
    case BSON_TYPE_BOOL: bson_append_bool(to, key, length, value->value.v_bool); break;
    case BSON_TYPE_DATE_TIME: bson_append_date_time(to, key, length, value->value.v_datetime); break;
    case BSON_TYPE_OID: bson_append_oid(to, key, length, &value->value.v_oid); break;
    case BSON_TYPE_NULL: bson_append_null(to, key, length); break;
    case BSON_TYPE_DOCUMENT:
        bson_append_document_begin(to, key, length, &inner);
        encode(&inner, child);
        bson_append_document_end(to, &inner);
        break;
    case BSON_TYPE_ARRAY:
        // The keys of arrays are made as they are written, as in every program that has an array.
        bson_append_array_begin(to, key, length, &inner);
        for (int index = 0; index < child->count; index++) {
            char buffer[16];
            const char *name;
            size_t size = bson_uint32_to_string((uint32_t)index, &name, buffer, sizeof buffer);
            append(&inner, name, (int)size, &child->children[index]);
        }
        bson_append_array_end(to, &inner);
        break;
    default: bson_append_value(to, key, length, value); break;
    }
}

static void encode(bson_t *to, const peer_tree *tree) {
    for (int index = 0; index < tree->count; index++) {
        const peer_tree *child = &tree->children[index];
        append(to, child->key, child->key_length, child);
    }
}

uint64_t peer_encode(const peer_tree *tree, int rounds) {
    uint64_t sum = 0;
    for (int round = 0; round < rounds; round++) {
        bson_t document;
        bson_init(&document);
        encode(&document, tree);
        sum += document.len;
        bson_destroy(&document);
    }
    return sum;
}

static uint64_t visit(bson_iter_t *iter) {
    uint64_t sum = 0;
    while (bson_iter_next(iter)) {
        char *key = bson_strdup(bson_iter_key(iter));
        bson_type_t type = bson_iter_type(iter);
        sum += bson_iter_key_len(iter);
        if (type == BSON_TYPE_DOCUMENT || type == BSON_TYPE_ARRAY) {
            bson_iter_t inner;
            if (bson_iter_recurse(iter, &inner)) sum += visit(&inner);
        } else {
            bson_value_t value;
            bson_value_copy(bson_iter_value(iter), &value);
            sum += type == BSON_TYPE_UTF8 ? value.value.v_utf8.len : 1;
            bson_value_destroy(&value);
        }
        bson_free(key);
    }
    return sum;
}

uint64_t peer_decode(const uint8_t *bytes, size_t count, int rounds) {
    uint64_t sum = 0;
    for (int round = 0; round < rounds; round++) {
        bson_t document;
        bson_iter_t iter;
        size_t offset;
        // A copy, because the bytes of a network's buffer do not stay.
        uint8_t *copy = bson_malloc(count);
        memcpy(copy, bytes, count);
        if (bson_init_static(&document, copy, count)
            && bson_validate(&document, BSON_VALIDATE_UTF8 | BSON_VALIDATE_UTF8_ALLOW_NULL, &offset)
            && bson_iter_init(&iter, &document))
            sum += visit(&iter);
        bson_free(copy);
    }
    return sum;
}

static uint64_t walk(bson_iter_t *iter) {
    uint64_t sum = 0;
    while (bson_iter_next(iter)) {
        sum += (uint8_t)bson_iter_key(iter)[0];
        switch (bson_iter_type(iter)) {
        case BSON_TYPE_DOUBLE: sum += bson_iter_double(iter) > 0; break;
        case BSON_TYPE_UTF8: {
            uint32_t length;
            sum += (uint8_t)bson_iter_utf8(iter, &length)[0] + length;
            break;
        }
        case BSON_TYPE_INT32: sum += (uint64_t)bson_iter_int32(iter); break;
        case BSON_TYPE_INT64: sum += (uint64_t)bson_iter_int64(iter); break;
        case BSON_TYPE_BOOL: sum += bson_iter_bool(iter); break;
        case BSON_TYPE_DATE_TIME: sum += (uint64_t)bson_iter_date_time(iter); break;
        case BSON_TYPE_OID: sum += bson_iter_oid(iter)->bytes[0]; break;
        case BSON_TYPE_DOCUMENT:
        case BSON_TYPE_ARRAY: {
            bson_iter_t inner;
            if (bson_iter_recurse(iter, &inner)) sum += walk(&inner);
            break;
        }
        default: sum += 1; break;
        }
    }
    return sum;
}

uint64_t peer_walk(const uint8_t *bytes, size_t count, int rounds) {
    uint64_t sum = 0;
    for (int round = 0; round < rounds; round++) {
        bson_t document;
        bson_iter_t iter;
        if (bson_init_static(&document, bytes, count) && bson_iter_init(&iter, &document)) sum += walk(&iter);
    }
    return sum;
}

uint64_t peer_validate(const uint8_t *bytes, size_t count, int rounds) {
    uint64_t sum = 0;
    for (int round = 0; round < rounds; round++) {
        bson_t document;
        size_t offset;
        if (bson_init_static(&document, bytes, count))
            sum += bson_validate(&document, BSON_VALIDATE_UTF8 | BSON_VALIDATE_UTF8_ALLOW_NULL, &offset);
    }
    return sum;
}

uint64_t peer_write_json(const uint8_t *bytes, size_t count, int canonical, int rounds) {
    uint64_t sum = 0;
    for (int round = 0; round < rounds; round++) {
        bson_t document;
        if (!bson_init_static(&document, bytes, count)) return 0;
        size_t length = 0;
        char *text = canonical ? bson_as_canonical_extended_json(&document, &length)
                               : bson_as_relaxed_extended_json(&document, &length);
        sum += length;
        bson_free(text);
    }
    return sum;
}

uint64_t peer_read_json(const char *text, size_t count, int rounds) {
    uint64_t sum = 0;
    for (int round = 0; round < rounds; round++) {
        bson_error_t error;
        bson_t *document = bson_new_from_json((const uint8_t *)text, (ssize_t)count, &error);
        if (!document) return 0;
        sum += document->len;
        bson_destroy(document);
    }
    return sum;
}
