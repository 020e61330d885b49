/// The limits of the work that runs on this task or thread, for loops that sit too deep to be handed them: one
/// expression over one document can run for hours.
enum CurrentWork {
    @TaskLocal static var limits: WorkLimits?
}
