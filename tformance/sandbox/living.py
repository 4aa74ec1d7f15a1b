"""A dataset that moves while it is served: changed and new rows lie in memory over the folder's files."""

from array import array
from bisect import bisect_left, insort
from pathlib import Path
from threading import RLock
from typing import Any

from tformance.sandbox.dataset import CHILDREN, KINDS, OF_REPOSITORY, TYPES, Dataset, Lines, Row


class LivingLines(Lines):
    """The lines of a file with what was changed or added since; a new row's offset lies behind the file's end."""

    def __init__(self, lines: Lines) -> None:
        self._text = lines._text
        self._changed: dict[int, Row] = {}
        self._end = len(self._text)

    def at(self, offset: int) -> Row:
        changed = self._changed.get(offset)
        return dict(changed) if changed is not None else super().at(offset)

    def set(self, offset: int, row: Row) -> None:
        self._changed[offset] = row

    def append(self, row: Row) -> int:
        self._end += 1
        self._changed[self._end] = row
        return self._end


class Living(Dataset):
    """Readers and changes take `lock`: an answer shows the world before a change or after it, never between."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.lock = RLock()
        self._lines: dict[str, Any] = {kind: LivingLines(lines) for kind, lines in self._lines.items()}

    def row(self, kind: str, key: str) -> Row:
        """Raises KeyError for a row that is not there."""
        return self._row(kind, self._offset(kind, key))

    def _offset(self, kind: str, key: str) -> int:
        place = self._places[key]
        bits = place.bit_length() and place >> 44
        if KINDS[bits] != kind:
            raise KeyError(key)
        return place & ((1 << 44) - 1)

    def change(self, kind: str, key: str, **columns: Any) -> Row:
        """The row with these columns changed."""
        with self.lock:
            if kind == "repositories":
                return self._change_repository(key, columns)
            before = self.row(kind, key)
            after = before | columns
            self._lines[kind].set(self._offset(kind, key), after)
            if kind == "pull_requests":
                self._reorder(key, before, after)
            if kind in OF_REPOSITORY:
                self._replace_of_repository(kind, after)
            self._forget()
            return after

    def _change_repository(self, key: str, columns: Row) -> Row:
        after = self.repositories[key] | columns
        self.repositories = self.repositories | {key: after}
        names = (*(after.get("previous_names") or ()), after["name_with_owner"])
        self._names = self._names | {name.lower(): after for name in names}
        return after

    def add(self, kind: str, row: Row) -> Row:
        """A new row; its columns as in the folder."""
        with self.lock:
            if kind == "repositories":
                return self._add_repository(row)
            offset = self._lines[kind].append(row)
            if row.get("id") is not None:
                self._place(kind, offset, str(row["id"]))
            if kind in CHILDREN:
                known = self._children[kind].get(str(row["pull_request_id"]), array("q"))
                self._children[kind][str(row["pull_request_id"])] = known + array("q", [offset])
            if kind == "commits":
                self._oids[row["oid"]] = offset
            if kind == "pull_requests":
                self._number(row)
            if kind in OF_REPOSITORY:
                self._insert_of_repository(kind, row)
            self._forget()
            return self._row(kind, offset)

    def _add_repository(self, row: Row) -> Row:
        row["__typename"] = "Repository"
        self.repositories = self.repositories | {str(row["id"]): row}
        self._names = self._names | {row["name_with_owner"].lower(): row}
        return row

    def _number(self, row: Row) -> None:
        repository, key = str(row["repository_id"]), str(row["id"])
        self._numbers[repository, row["number"]] = key
        for order in ("updated_at", "created_at"):
            self._insert(repository, order, (row[order], key))

    def drop(self, kind: str, key: str) -> None:
        """Take a row away for good; a repository with its pull requests."""
        with self.lock:
            if kind == "repositories":
                return self._drop_repository(key)
            row = self.row(kind, key)
            offset = self._offset(kind, key)
            del self._places[key]
            if kind in CHILDREN:
                kept = [each for each in self._children[kind][str(row["pull_request_id"])] if each != offset]
                self._children[kind][str(row["pull_request_id"])] = array("q", kept)
            if kind == "pull_requests":
                self._unnumber(row)
            self._forget()
            return None

    def drop_commits(self, pull_id: str, keep: str) -> None:
        """Take away all commits of a pull request but one: what a forced push leaves. Who knows their ids still sees them."""
        with self.lock:
            rows = [row for row in self.children("commits", pull_id) if row["oid"] == keep]
            kept = [self._offset("commits", str(row["id"])) for row in rows]
            self._children["commits"][pull_id] = array("q", kept)
            self._forget()

    def _unnumber(self, row: Row) -> None:
        repository, key = str(row["repository_id"]), str(row["id"])
        del self._numbers[repository, row["number"]]
        for order in ("updated_at", "created_at"):
            self._remove(repository, order, (row[order], key))

    def _drop_repository(self, key: str) -> None:
        for _, pull in self.pull_order(key, "created_at"):
            self.drop("pull_requests", pull)
        self.repositories = {each: row for each, row in self.repositories.items() if each != key}
        self._names = {name: row for name, row in self._names.items() if str(row["id"]) != key}

    def _reorder(self, key: str, before: Row, after: Row) -> None:
        old, new = str(before["repository_id"]), str(after["repository_id"])
        if old != new:
            del self._numbers[old, before["number"]]
            self._numbers[new, after["number"]] = key
        for order in ("updated_at", "created_at"):
            if old != new or before[order] != after[order]:
                self._remove(old, order, (before[order], key))
                self._insert(new, order, (after[order], key))

    def _remove(self, repository: str, order: str, entry: tuple[str, str]) -> None:
        entries = list(self._orders[repository, order])
        del entries[bisect_left(entries, entry)]
        self._orders[repository, order] = entries

    def _insert(self, repository: str, order: str, entry: tuple[str, str]) -> None:
        entries = list(self._orders.get((repository, order), ()))
        insort(entries, entry)
        self._orders[repository, order] = entries

    def _insert_of_repository(self, kind: str, row: Row) -> None:
        place = (kind, str(row["repository_id"]))
        rows = [*self._of_repository.get(place, ()), row | {"__typename": TYPES[kind]}]
        self._of_repository[place] = sorted(rows, key=lambda each: each["created_at"])

    def _replace_of_repository(self, kind: str, row: Row) -> None:
        place = (kind, str(row["repository_id"]))
        self._of_repository[place] = [row if each["id"] == row["id"] else each for each in self._of_repository[place]]

    def _forget(self) -> None:
        """Rows read before the change are read again."""
        self.pull.cache_clear()
        self.children.cache_clear()
