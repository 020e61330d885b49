#if NECTAR_THREAD_SANITIZER
    #if canImport(Darwin)
        internal import Darwin
    #else
        internal import Glibc
    #endif

    /// Takes the place of the standard library's mutex in builds with the thread sanitizer (`make test-races`), which
    /// knows pthread's locks and not that one: it would report everything behind it.
    ///
    /// The modules that are tested so have this file each, by a link; there is no import to forget then.
    final class Mutex<Value>: @unchecked Sendable {
        private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

        init(_ value: sending Value) {
            pthread_mutex_init(lock, nil)
            self.value.initialize(to: value)
        }

        deinit {
            pthread_mutex_destroy(lock)
            lock.deallocate()
            value.deinitialize(count: 1)
            value.deallocate()
        }

        func withLock<R, E>(_ body: (inout sending Value) throws(E) -> sending R) throws(E) -> sending R {
            pthread_mutex_lock(lock)
            defer { pthread_mutex_unlock(lock) }
            return try body(&value.pointee)
        }
    }
#endif
