import SpecSupport
import Testing

/// Says by name which of the public suites do not run.
@Suite("Public specifications")
struct SpecCatalogSpecTests {
    @Test("that have no runner are counted as excluded")
    func excluded() {
        for suite in SpecFolder.suites where !SpecCatalog.runners.contains(suite) { SpecSuite.exclude(suite) }
    }

    @Test("are not excluded where they have a runner, and have a reason where not")
    func consistent() {
        #expect(SpecCatalog.runners.isDisjoint(with: SpecCatalog.excludedSuites.keys))
        #expect(SpecCatalog.excludedSuites.values.allSatisfy { !$0.isEmpty })
        #expect(SpecCatalog.excludedCases.values.allSatisfy { !$0.isEmpty })
    }
}
