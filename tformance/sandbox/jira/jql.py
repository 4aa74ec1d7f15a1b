"""A part of Jira's query language: words, their grammar, and what they mean for an issue."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.asking import Question, Refusal
from tformance.sandbox.jira.jql_fields import FIELDS, ORDERS, Field

Test = Callable[[Row], bool]
MOST_ORDERS = 7
_WORDS = re.compile(r"\s*(?:(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|([^\s()=!<>~,\"']+)|(>=|<=|!=|!~|[=<>~(),]))")


@dataclass(frozen=True)
class Token:
    text: str
    quoted: bool = False

    @property
    def word(self) -> str:
        """Lower case where it may be a word of the language, else empty."""
        return "" if self.quoted else self.text.lower()


@dataclass(frozen=True)
class Query:
    """`test` is None where nothing restricts it; `orders` are (field, descending)."""

    test: Test | None
    orders: list[tuple[str, bool]]


def parsed(asked: Question, text: str) -> Query:
    """Raises Refusal with what Jira would say."""
    reader = Reader(asked, tokens(text))
    test = None if reader.peek("order") or reader.is_done() else reader.either()
    return Query(test, reader.orders())


def tokens(text: str) -> list[Token]:
    found: list[Token] = []
    place = 0
    while text[place:].strip():
        match = _WORDS.match(text, place)
        if match is None:
            raise Refusal(400, f"Error in the JQL Query: The character '{text[place:].strip()[0]}' is a reserved one.")
        quoted, bare, sign = match.groups()
        found.append(Token(re.sub(r"\\(.)", r"\1", quoted[1:-1]), True) if quoted else Token(bare or sign))
        place = match.end()
    return found


class Reader:
    """Reads one query from left to right."""

    def __init__(self, asked: Question, words: list[Token]) -> None:
        self.asked, self.words, self.place = asked, words, 0

    def is_done(self) -> bool:
        return self.place >= len(self.words)

    def peek(self, *words: str) -> bool:
        return not self.is_done() and self.words[self.place].word in words

    def take(self, *words: str) -> Token:
        """The next token, which must be one of the words where some are given."""
        if self.is_done():
            raise Refusal(400, "Error in the JQL Query: The query ended where a value or a word was expected.")
        token = self.words[self.place]
        if words and token.word not in words:
            expected = " or ".join(f"'{word.upper()}'" for word in words)
            raise Refusal(400, f"Error in the JQL Query: Expecting {expected} but got '{token.text}'.")
        self.place += 1
        return token

    def skipped(self, word: str) -> bool:
        """Whether that word was next; it is read then."""
        return self.peek(word) and bool(self.take())

    def either(self) -> Test:
        tests = [self.both()]
        while self.peek("or", "||"):
            self.take()
            tests.append(self.both())
        return lambda row: any(test(row) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self.peek("and", "&&"):
            self.take()
            tests.append(self.one())
        return lambda row: all(test(row) for test in tests)

    def one(self) -> Test:
        if self.peek("not"):
            self.take()
            inner = self.one()
            return lambda row: not inner(row)
        if self.peek("("):
            self.take()
            inner = self.either()
            self.take(")")
            return inner
        return self.clause()

    def clause(self) -> Test:
        name = self.take().text
        field = FIELDS.get(name.lower())
        if field is None or name.lower() == self.asked.faults.gone_field:
            raise Refusal(400, f"Field '{name}' does not exist or you do not have permission to view it.")
        return self.compared(field, name)

    def compared(self, field: Field, name: str) -> Test:
        sign = self.take("=", "!=", ">", ">=", "<", "<=", "in", "not", "is").word
        if sign == "is":
            is_negated = self.skipped("not")
            self.take("empty", "null")
            return lambda row: field.is_empty(row) != is_negated
        if sign in (">", ">=", "<", "<="):
            return field.ordered(self.asked, name, sign, self.take().text)
        if sign == "not":
            self.take("in")
        texts = self.listed() if sign in ("in", "not") else [self.take().text]
        test = field.equal(self.asked, name, texts)
        return (lambda row: not test(row)) if sign in ("!=", "not") else test

    def listed(self) -> list[str]:
        self.take("(")
        texts = [self.take().text]
        while self.take(",", ")").word == ",":
            texts.append(self.take().text)
        return texts

    def orders(self) -> list[tuple[str, bool]]:
        if self.is_done():
            return []
        self.take("order")
        self.take("by")
        found = [self.order()]
        while not self.is_done():
            self.take(",")
            found.append(self.order())
        if len(found) > MOST_ORDERS:
            raise Refusal(400, f"JQL can be ordered by at most {MOST_ORDERS} fields.")
        return found

    def order(self) -> tuple[str, bool]:
        name = self.take().text
        if name.lower() not in ORDERS:
            raise Refusal(400, f"Not able to sort using field '{name}'.")
        return name.lower(), self.peek("asc", "desc") and self.take().word == "desc"
