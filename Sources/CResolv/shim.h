#ifndef NECTAR_CRESOLV_H
#define NECTAR_CRESOLV_H

#include <netdb.h>
#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <resolv.h>

/// Why a question to the domain name system has no answer.
enum nectar_resolv_failure {
    /// The name, or records of the type, are not there.
    NECTAR_RESOLV_NO_RECORDS = -1,
    /// No server answered, or it failed.
    NECTAR_RESOLV_FAILED = -2
};

/// Asks for the records of a name, class IN; blocks. Gives the length of the answer, or why there is none.
/// The functions of the C library are macros on most systems, which Swift does not see; hence this one.
static inline int nectar_res_query(const char *name, int type, unsigned char *answer, int capacity) {
    int length = res_query(name, 1, type, answer, capacity);
    if (length >= 0) return length;
    return h_errno == HOST_NOT_FOUND || h_errno == NO_DATA ? NECTAR_RESOLV_NO_RECORDS : NECTAR_RESOLV_FAILED;
}

#endif
