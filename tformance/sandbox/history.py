"""The commit graph of a repository as far as the dataset knows it: a default branch made of merges, and branches off it."""

from bisect import bisect_left
from functools import cached_property
from hashlib import blake2b
from weakref import WeakKeyDictionary

from tformance.sandbox.dataset import Dataset, Row

_KNOWN: "WeakKeyDictionary[Dataset, dict[str, tuple[object, History]]]" = WeakKeyDictionary()


def history(data: Dataset, repository_id: str) -> "History":
    """The graph of one repository, worked out again only after a pull request of it changed."""
    of_data = _KNOWN.setdefault(data, {})
    state = data.pull_order(repository_id, "updated_at")
    version = len(state), state[-1:]
    if repository_id not in of_data or of_data[repository_id][0] != version:
        of_data[repository_id] = version, History(data, repository_id)
    return of_data[repository_id][1]


class History:
    """Commits by what they contain.

    A squashed or rebased pull request is one commit on the branch it was merged into. One that was merged by a merge
    commit brings its own commits, and what was merged into its branch before.
    """

    def __init__(self, data: Dataset, repository_id: str) -> None:
        self._data = data
        home = data.repositories[repository_id]
        self._default = home.get("default_branch") or "main"
        self._root = blake2b(repository_id.encode(), digest_size=20).hexdigest()
        keys = data.pull_order(repository_id, "created_at")
        pulls = [pull for _, key in keys if (pull := data.pull(key)) and pull.get("merged_at")]
        pulls.sort(key=lambda pull: (pull["merged_at"], pull["number"]))
        self._merged = [pull for pull in pulls if pull.get("merge_commit_oid")]
        self._by_merge = {pull["merge_commit_oid"]: pull for pull in self._merged}
        self._repository_id = repository_id

    @cached_property
    def _into(self) -> dict[str, list[Row]]:
        """Branch to the pull requests merged into it, in the order of their merges."""
        found: dict[str, list[Row]] = {}
        for pull in self._merged:
            found.setdefault(pull.get("base_ref_name") or self._default, []).append(pull)
        return found

    @cached_property
    def trunk(self) -> list[str]:
        """Every commit of the default branch, oldest first."""
        return [self._root, *(oid for pull in self._into.get(self._default, ()) for oid in self._brought(pull))]

    @cached_property
    def _ends(self) -> tuple[list[str], list[int]]:
        """The moments of the merges, and how long the trunk was after each."""
        moments, lengths, length = [], [], 1
        for pull in self._into.get(self._default, ()):
            length += len(self._brought(pull))
            moments.append(pull["merged_at"])
            lengths.append(length)
        return moments, lengths

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {oid: place for place, oid in enumerate(self.trunk)}

    def _brought(self, pull: Row) -> list[str]:
        """What its merge adds to the branch it goes to."""
        oids: list[str] = []
        if pull.get("merge_method") == "MERGE":
            for child in self._into.get(pull.get("head_ref_name") or "", ()):
                if child["merged_at"] <= pull["merged_at"] and child is not pull:
                    oids += self._brought(child)
            oids += [row["oid"] for row in self._data.children("commits", str(pull["id"])) if row["oid"] not in oids]
        return [*oids, pull["merge_commit_oid"]]

    def oid_of(self, name: str) -> str | None:
        """The commit of a sha, of the default branch or of a release's tag."""
        if name == self._default:
            return self.trunk[-1]
        releases = self._data.of_repository("releases", self._repository_id)
        tagged: str | None = next((row.get("commit_oid") for row in releases if row["tag_name"] == name), None)
        return tagged or (name if self.contained(name) else None)

    def contained(self, oid: str) -> list[str]:
        """The commit and all before it, oldest first; empty for a commit this repository does not have."""
        if (pull := self._by_merge.get(oid)) and (pull.get("base_ref_name") or self._default) == self._default:
            return self.trunk[: self._positions[oid] + 1]
        if oid == self._root:
            return [oid]
        if pull:
            return self._before(pull["merged_at"]) + self._brought(pull)
        return self._on_a_branch(oid)

    def _on_a_branch(self, oid: str) -> list[str]:
        row = self._data.commit(oid)
        pull = self._data.pull(str(row.get("pull_request_id"))) if row else None
        if pull is None or str(pull["repository_id"]) != self._repository_id:
            return []
        oids = [each["oid"] for each in self._data.children("commits", str(pull["id"]))]
        own = oids[: oids.index(oid) + 1] if oid in oids else [oid]
        return self._before(pull["created_at"]) + own

    def _before(self, moment: str) -> list[str]:
        moments, lengths = self._ends
        place = bisect_left(moments, moment)
        return self.trunk[: lengths[place - 1] if place else 1]

    def commit(self, oid: str) -> Row:
        """What is known of a commit of this repository; the first one and merges are not rows of the folder."""
        found = self._data.commit(oid)
        if found and found.get("committed_date"):
            return found
        pull = self._by_merge.get(oid)
        made: Row = {"__typename": "Commit", "id": f"C_{oid}", "oid": oid, "repository_id": self._repository_id}
        made |= found or {}
        if pull is None:
            home = self._data.repositories[self._repository_id]
            return made | {"message": "Initial commit", "committed_date": home["created_at"], "parents": []}
        return made | merge_row(self._data, pull)


def merge_row(data: Dataset, pull: Row) -> Row:
    """The commit that a merge left: two parents for a merge commit, the last author date for a rebase."""
    commits = data.children("commits", str(pull["id"]))
    parents = [pull.get("base_ref_oid")]
    if pull.get("merge_method") == "MERGE":
        parents.append(pull.get("head_ref_oid"))
    rebased = pull.get("merge_method") == "REBASE" and commits
    author = data.actor(pull.get("author")) or {}
    return {
        "repository_id": pull["repository_id"],
        "message": f"{pull.get('title')} (#{pull['number']})",
        "author": pull.get("author"),
        "author_name": author.get("name") or pull.get("author"),
        "author_email": author.get("email"),
        "authored_date": commits[-1].get("authored_date") if rebased else pull.get("merged_at"),
        "committed_date": pull.get("merged_at"),
        "committer_name": "GitHub",
        "committer_email": "noreply@github.com",
        "parents": [oid for oid in parents if oid],
    }
