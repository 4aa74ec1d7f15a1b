"""Every source keeps to the contract, and none is forgotten."""

from pathlib import Path

import pytest

from tformance.sources.contract import Source
from tformance.sources.registry import SOURCES


def test_every_folder_of_a_source_is_registered() -> None:
    folders = {path.parent.name for path in Path(__file__).parents[1].glob("*/source.py")}
    assert folders == set(SOURCES)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_what_people_follow_is_read_before_what_belongs_to_it(source: Source) -> None:
    followed = [stream for stream in source.streams if stream.of == source.follows]
    assert [stream.id for stream in followed][:1] == [source.follows]
    assert [stream.backfill for stream in followed][:2] == ["whole", "recent_first"]


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_streams_have_names_of_their_own(source: Source) -> None:
    assert len({stream.id for stream in source.streams}) == len(source.streams)
    assert all(source.stream(stream.id) is stream and stream.title for stream in source.streams)
