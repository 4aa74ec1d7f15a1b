"""Threads, load and agreement by hand."""

from tformance.facts.testing import actor, at, comment, file, review, thread, whole
from tformance.measures.tests.conftest import Ask, Land, merged

ANN, BEN, CID = actor("ann"), actor("ben"), actor("cid")
APPROVED, REFUSED = "approved", "changes_requested"


def remark(key: int, hours: float, **fields: object) -> object:
    return comment(key, kind="review", created_at=at(hours), **fields)


def test_threads_are_those_that_people_began(land: Land, ask: Ask) -> None:
    bot = actor("coderabbitai", kind="bot")
    talks = [
        thread(1, is_resolved=True, comments=whole([remark(1, 1), remark(2, 3, author=bot, in_reply_to=1)])),
        thread(2, comments=whole([remark(3, 2, author=ANN)])),
        thread(3, is_resolved=True, comments=whole([remark(4, 2, author=bot)])),
    ]
    land(merged(1, 8, threads=whole(talks)))
    total = ask("resolved_share").total
    assert (total.value, total.n) == (0.5, 2)


def test_an_answer_is_the_first_by_another_person(land: Land, ask: Ask) -> None:
    bot = actor("coderabbitai", kind="bot")
    talk = [
        remark(1, 1, author=ANN),
        remark(2, 2, author=ANN, in_reply_to=1),
        remark(3, 3, author=bot, in_reply_to=1),
        remark(4, 5, author=BEN, in_reply_to=1),
        remark(5, 6, author=BEN, in_reply_to=1),
    ]
    land(merged(1, 8, threads=whole([thread(1, comments=whole(talk)), thread(2, comments=whole([remark(6, 2)]))])))
    total = ask("comment_response").total
    assert (total.value, total.n, total.missing) == (4, 1, 1)


def test_load_is_even_at_0_and_needs_two_people(land: Land, ask: Ask) -> None:
    land(merged(1, 8, reviews=whole([review(1, author=ANN)])))
    assert (ask("review_load").total.value, ask("review_load").total.n) == (None, 1)
    land(merged(2, 8, reviews=whole([review(2, author=BEN)])))
    assert ask("review_load").total.value == 0
    land(merged(3, 8, reviews=whole([review(3, author=BEN), review(4, author=BEN)])))
    assert (ask("review_load").total.value, ask("review_load").total.n) == (0.25, 2)


def test_agreement_is_of_last_verdicts_of_two_people_on_the_same_pull_request(land: Land, ask: Ask) -> None:
    """Ann and Ben agree at last on 1, Ann and Cid as well as Ben and Cid do not on 2 while Ann and Ben do."""
    ghost = actor("ghost", kind="ghost")
    land(
        merged(
            1,
            8,
            reviews=whole(
                [
                    review(1, author=ANN, state=REFUSED, submitted_at=at(1)),
                    review(2, author=ANN, state=APPROVED, submitted_at=at(3)),
                    review(3, author=ANN, state="commented", submitted_at=at(4)),
                    review(4, author=BEN, state=APPROVED, submitted_at=at(2)),
                    review(5, author=ghost, state=REFUSED, submitted_at=at(2)),
                ]
            ),
        ),
        merged(
            2,
            8,
            reviews=whole(
                [
                    review(6, author=ANN, state=APPROVED),
                    review(7, author=BEN, state=APPROVED),
                    review(8, author=CID, state=REFUSED),
                ]
            ),
        ),
        merged(3, 8, reviews=whole([review(9, author=ANN, state=REFUSED)])),
    )
    total = ask("review_agreement").total
    assert (total.value, total.n) == (0.5, 4)


def test_a_pull_request_counts_once_in_each_part_of_the_code_it_touches(land: Land, ask: Ask) -> None:
    paths = ["src/shop/cart.py", "src/shop/pay/card.py", "src/web/page.ts", "README.md", "docs/plan.md", "uv.lock"]
    land(merged(1, 8, files=whole([file(path, additions=3, deletions=1) for path in paths])))
    land(merged(2, 8, files=whole([file("src/shop/cart.py", additions=10, deletions=0)])))
    churn = {row.key[0].label: row.value for row in ask("churn", by=("directory",)).rows}
    assert churn == {"docs": 4, "src/shop": 18, "src/web": 4, "outside of folders": 4}
    assert ask("churn").total.value == 30
    touched = {row.key[0].label: row.value for row in ask("touching_prs", by=("directory",)).rows}
    assert (touched["src/shop"], touched["docs"]) == (2, 1)
    assert ask("touching_prs").total.value == 2
    assert sum(row.value or 0 for row in ask("churn", by=("category",)).rows) == 30
