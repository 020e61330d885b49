/// Templates for lists, in mustache, to register with whatever renders an application's pages.
///
/// ```swift
/// try library.register(PageTemplates.pagination, named: "pagination")
/// // In a list's own template: {{#pagination}}{{> pagination}}{{/pagination}}
/// let values = ["pagination": page.templateValues(for: request)]
/// ```
public enum PageTemplates {
    /// The links to the other pages of a list, for `templateValues(for:)` of a ``Pagination`` or ``KeysetPage``; nothing
    /// where there is one page only.
    public static let pagination = """
        {{#several}}
        <nav class="pagination" aria-label="Pages">
        {{#prev}}<a class="prev" href="{{prev}}" rel="prev">Previous</a>{{/prev}}
        {{#numbers}}
        {{#other}}<a href="{{address}}" aria-label="Page {{number}}">{{number}}</a>{{/other}}
        {{#current}}<span aria-current="page">{{number}}</span>{{/current}}
        {{#gap}}<span class="gap">…</span>{{/gap}}
        {{/numbers}}
        {{#next}}<a class="next" href="{{next}}" rel="next">Next</a>{{/next}}
        </nav>
        {{/several}}
        """
}
