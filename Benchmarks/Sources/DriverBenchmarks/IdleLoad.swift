import Foundation

/// Loops of the lowest priority, one for each processor, until the process ends.
///
/// A processor that sleeps between a call and its answer takes longer to wake than the call takes, and the time counts as
/// the caller's: half of a `findOne`'s on a virtual machine. Under load processors do not sleep. The loops give way to
/// whatever else wants to run, and no side's measurements hold them.
enum IdleLoad {
    static func start() {
        #if os(Linux)
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
                Thread.detachNewThread {
                    // Of this thread alone, on Linux.
                    guard setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19) == 0 else { return }
                    while true {}
                }
            }
        #endif
    }
}
