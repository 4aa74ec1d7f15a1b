from tests.journeys.traps.asked import Asked


def test_a_revert_is_what_names_what_it_takes_back_not_a_word_in_a_title(asked: Asked) -> None:
    undone = {number: asked.pull("revert-words", number).is_revert for number in range(2, 7)}
    assert undone == {2: False, 3: True, 4: False, 5: True, 6: True}


def test_a_number_in_a_branch_is_a_revert_only_of_what_was_merged_from_the_branch_it_names(asked: Asked) -> None:
    undone = {number: asked.pull("revert-branches", number).is_revert for number in (8, 9, 10)}
    assert undone == {8: True, 9: False, 10: False}


def test_undoing_a_revert_lands_the_work_again(asked: Asked) -> None:
    assert [asked.pull("reverts-of-reverts", number).is_revert for number in (1, 2, 3)] == [False, True, False]
    assert asked.value("reverts-of-reverts", "revert_share", "share") == 1 / 3


def test_generated_and_vendored_files_are_no_size_and_the_raw_numbers_stay(asked: Asked) -> None:
    pull = asked.pull("generated")
    assert (pull.size_lines, pull.additions) == (20, 5_020)


def test_moved_and_binary_files_have_no_lines_of_their_own(asked: Asked) -> None:
    assert asked.pull("moved-files").size_lines == 4
