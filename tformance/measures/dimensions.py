"""The ways to cut rows. Which rows know which dimension stands with the rows."""

from tformance.measures.shape import Dimension

DIMENSIONS: dict[str, Dimension] = {
    dimension.id: dimension
    for dimension in (
        Dimension("repository", "Repository", names="repository"),
        Dimension("author", "Author", names="actor", absent="no account"),
        Dimension("group", "Group", names="group", absent="no group"),
        Dimension("size", "Size", order=("XS", "S", "M", "L", "XL")),
        Dimension("ai", "AI evidence", order=("yes", "no_evidence", "unknown")),
        Dimension("ai_tool", "AI tool", absent="none"),
        Dimension("state", "State", order=("open", "merged", "closed")),
        Dimension(
            "work_type",
            "Kind of work",
            order=("feature", "fix", "refactoring", "performance", "test", "docs", "maintenance", "revert"),
        ),
        Dimension("base", "Base branch"),
        Dimension("label", "Label", absent="no label"),
        Dimension("reviewer", "Reviewer", names="actor", absent="nobody"),
        Dimension("linked", "Closes an issue", order=("yes", "no", "unknown")),
        Dimension("draft", "Draft", order=("yes", "no")),
        Dimension("merge_kind", "Way of merging", order=("merge", "squash", "rebase")),
        Dimension("commit_kind", "Kind of commit", order=("change", "merge")),
        Dimension("source", "Source"),
        Dimension("check", "Check"),
        Dimension("head", "Commit the check ran on", order=("last", "earlier")),
        Dimension("environment", "Environment"),
        Dimension("failure", "Signal of failure", absent="none", order=("rollback", "revert", "hotfix")),
        Dimension("category", "Kind of file", absent="no files that count"),
        Dimension("directory", "Folder", absent="outside of folders"),
    )
}
