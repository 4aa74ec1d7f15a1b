"""Marks of AI tools: who is found, who is never taken for one, and what is unknown."""

from datetime import UTC, datetime

import pytest

from tformance.facts.derive import ai
from tformance.facts.derive.ai import Evidence, Place
from tformance.facts.derive.signatures import ACCOUNTS, IDENTITIES, VERSION, Role
from tformance.facts.records import ActorRecord, ChildSet, CommitRecord, PullRequestRecord

INSTANT = datetime(2026, 3, 1, tzinfo=UTC)
ADA = "Ada <ada@example.org>"
GITHUB = "users.noreply.github.com"


def commit(message: str = "Change", author: str = ADA, sha: str = "c1", is_merge: bool = False) -> CommitRecord:
    name, _, email = author.removesuffix(">").rpartition(" <")
    return CommitRecord(
        sha=sha,
        author=None,
        author_name=name,
        author_email=email,
        committer_name=name,
        committer_email=email,
        authored_at=INSTANT,
        committed_at=INSTANT,
        message=message,
        is_merge=is_merge,
        additions=None,
        deletions=None,
        changed_files=None,
    )


def pull(
    *commits: CommitRecord, body: str = "", login: str = "ada", kind: str = "user", total: int | None = None
) -> PullRequestRecord:
    return PullRequestRecord(
        source="github",
        provider_id=1,
        node_id="",
        number=1,
        title="Change",
        body=body,
        url="",
        state="open",
        is_draft=False,
        author=ActorRecord(provider_id=1, login=login, kind=kind),  # type: ignore[arg-type]
        author_association="",
        merged_by=None,
        base_ref="main",
        head_ref="claude/fix-12345",
        head_sha="c1",
        merge_sha=None,
        merge_kind=None,
        is_cross_repository=False,
        opened_at=INSTANT,
        updated_at=INSTANT,
        closed_at=None,
        merged_at=None,
        additions=None,
        deletions=None,
        changed_files=None,
        commits=ChildSet(commits, len(commits) if total is None else total),
    )


def judged(record: PullRequestRecord) -> tuple[str, str, str]:
    verdict = ai.verdict(record, ai.pull_request_evidence(record))
    return verdict.authored, verdict.assisted, verdict.tool


def tools(record: CommitRecord) -> list[tuple[str, Role]]:
    return [(mark.tool, mark.role) for mark in ai.commit_evidence(record)]


@pytest.mark.parametrize(
    ("author", "tool"),
    [
        ("Claude <noreply@anthropic.com>", "Claude Code"),
        ("Claude Opus 4.6 <noreply@anthropic.com>", "Claude Code"),
        ("Claude <claude@anthropic.com>", "Claude Code"),
        (f"claude[bot] <209825114+claude[bot]@{GITHUB}>", "Claude Code"),
        (f"claude[bot] <41898282+claude[bot]@{GITHUB}>", "Claude Code"),
        (f"copilot-swe-agent[bot] <198982749+Copilot@{GITHUB}>", "GitHub Copilot"),
        (f"Copilot <198982749+copilot@{GITHUB}>", "GitHub Copilot"),
        ("Cursor Agent <cursoragent@cursor.com>", "Cursor"),
        ("OpenAI GPT-5 <codex@openai.com>", "Codex"),
        (f"google-labs-jules[bot] <161369871+google-labs-jules[bot]@{GITHUB}>", "Jules"),
        (f"gemini-cli[bot] <218312386+gemini-cli[bot]@{GITHUB}>", "Gemini CLI"),
        (f"Devin AI <158243242+devin-ai-integration[bot]@{GITHUB}>", "Devin"),
        (f"Devin AI <158243933+devin-ai-integration[bot]@{GITHUB}>", "Devin"),
        ("openhands <openhands@all-hands.dev>", "OpenHands"),
        ("OpenDevin <opendevin@all-hands.dev>", "OpenHands"),
        (f"continue[bot] <continue[bot]@{GITHUB}>", "Continue"),
        ("Continue Agent <agent@continue.dev>", "Continue"),
        ("Roo Code <roomote@roocode.com>", "Roo Code"),
        (f"roomote[bot] <219738659+roomote[bot]@{GITHUB}>", "Roo Code"),
        (f"Cline Agent <cline-agent@{GITHUB}>", "Cline"),
        (f"cline-cloud[bot] <276134852+cline-cloud[bot]@{GITHUB}>", "Cline"),
        (f"kiloconnect[bot] <240665456+kiloconnect[bot]@{GITHUB}>", "Kilo Code"),
        (f"factory-droid[bot] <138933559+factory-droid[bot]@{GITHUB}>", "Factory Droid"),
        (f"jetbrains-junie[bot] <201638009+jetbrains-junie[bot]@{GITHUB}>", "Junie"),
        (f"Kiro Agent <244629292+kiro-agent@{GITHUB}>", "Kiro"),
        ("qwen.ai[bot] <qwenlm-intl@service.alibaba.com>", "Qwen Code"),
        ("Trae Agent <agent@trae.local>", "Trae"),
        ("Vibe Kanban <noreply@vibekanban.com>", "Vibe Kanban"),
        (f"v0[bot] <v0[bot]@{GITHUB}>", "v0"),
        (f"ai-sdk-factory[bot] <305873210+ai-sdk-factory[bot]@{GITHUB}>", "Vercel AI factory"),
        (f"open-swe[bot] <open-swe@{GITHUB}>", "Open SWE"),
        (f"MentatBot <160964065+MentatBot@{GITHUB}>", "Mentat"),
        (f"charliecreates[bot] <198680274+charliecreates[bot]@{GITHUB}>", "Charlie"),
        ("Ada (via Pi Coding Agent) <ada@example.org>", "Pi"),
        ("OpenClaw Agent <agent@openclaw.ai>", "OpenClaw"),
        (f"Hermes Agent <hermes-agent@{GITHUB}>", "Hermes Agent"),
        (f"seer-by-sentry[bot] <157164994+seer-by-sentry[bot]@{GITHUB}>", "Seer"),
        (f"codeflash-ai[bot] <148906541+codeflash-ai[bot]@{GITHUB}>", "Codeflash"),
        (f"coderabbitai[bot] <136622811+coderabbitai[bot]@{GITHUB}>", "CodeRabbit"),
        (f"pydanty[bot] <251103656+pydanty[bot]@{GITHUB}>", "Pydanty"),
    ],
)
def test_an_agent_that_wrote_a_commit_is_its_author(author: str, tool: str) -> None:
    assert tools(commit(author=author)) == [(tool, Role.AUTHOR)]


@pytest.mark.parametrize(
    ("trailer", "tool"),
    [
        ("Co-authored-by: Claude <noreply@anthropic.com>", "Claude Code"),
        ("CO-AUTHORED-BY: Claude Opus 4.6 (1M context) <noreply@anthropic.com>", "Claude Code"),
        ("Co-authored-by: GPT-5 <noreply@anthropic.com>", "Codex"),
        ("Co-authored-by: gpt-5.3-codex-high <noreply@anthropic.com>", "Codex"),
        (f"Co-authored-by: Copilot <223556219+Copilot@{GITHUB}>", "GitHub Copilot"),
        (f"Co-authored-by: Copilot App <223556219+Copilot@{GITHUB}>", "GitHub Copilot"),
        ("Co-authored-by: Copilot <copilot@github.com>", "GitHub Copilot"),
        ("Co-authored-by: Cursor <cursoragent@cursor.com>", "Cursor"),
        ("Co-authored-by: Codex <noreply@openai.com>", "Codex"),
        ("Co-authored-by: OpenAI GPT 5.5 <noreply@openai.com>", "Codex"),
        (f"Co-authored-by: c[bot] <199175422+chatgpt-codex-connector[bot]@{GITHUB}>", "Codex"),
        ("Co-authored-by: aider (gpt-5) <aider@aider.chat>", "Aider"),
        ("Co-authored-by: aider (o3) <noreply@aider.dev>", "Aider"),
        ("Co-authored-by: Amp <amp@ampcode.com>", "Amp"),
        ("Co-authored-by: openhands openhands@all-hands.dev", "OpenHands"),
        ("Co-authored-by: opencode <noreply@opencode.ai>", "OpenCode"),
        ("Co-authored-by: Charm Crush <crush@charm.land>", "Crush"),
        ("Co-authored-by: Continue <noreply@continue.dev>", "Continue"),
        ("Co-authored-by: Roo Code <roomote@roocode.com>", "Roo Code"),
        ("Co-authored-by: Cline <noreply@cline.bot>", "Cline"),
        (f"Co-authored-by: d <138933559+factory-droid[bot]@{GITHUB}>", "Factory Droid"),
        ("Co-authored-by: Oz <oz-agent@warp.dev>", "Warp"),
        (f"Co-authored-by: q <208079219+amazon-q-developer[bot]@{GITHUB}>", "Amazon Q Developer"),
        ("Co-authored-by: Qwen-Coder <qwen-coder@alibabacloud.com>", "Qwen Code"),
        ("Co-authored-by: TRAE CLI <noreply@bytedance.com>", "Trae"),
        ("Co-authored-by: Grok <noreply@x.ai>", "Grok"),
        ("Co-authored-by: Ona <no-reply@ona.com>", "Ona"),
        ("Co-authored-by: CharlieHelps <charlie@charlielabs.ai>", "Charlie"),
        (f'Co-authored-by: MentatBot <"160964065+MentatBot@{GITHUB}">', "Mentat"),
        ("Claude-Session: https://claude.ai/code/session_01AbC", "Claude Code"),
        ("Copilot-Session: 0a1b2c3d-0000-4000-8000-123456789abc", "GitHub Copilot"),
        ("Made-with: Cursor", "Cursor"),
        ("Amp-Thread-ID: https://ampcode.com/threads/T-0a1b2c3d-0000-4000-8000-123456789abc", "Amp"),
        ("Assisted-by: OpenCode (glm-5)", "OpenCode"),
        ("Assisted-by: Claude Code (Opus 4.6)", "Claude Code"),
        ("Assisted-by: Claude:claude-opus-4-6", "Claude Code"),
        ("Assisted-by: Cursor (Auto)", "Cursor"),
        ("Assisted-by: Kiro", "Kiro"),
        ("Assisted-by: AI", "Unnamed AI tool"),
        ("Assisted-by: Crush:glm-5", "Crush"),
        ("Assisted-by: GLM 5 via Crush <crush@charm.land>", "Crush"),
        ("AI-assisted: Codex", "Codex"),
        ("Agent-Signature: claude-opus-4-8-high on behalf of Ada", "Claude Code"),
        ("Entire-Agent: Claude Code", "Claude Code"),
        ("Entire-Checkpoint: 0a1b2c", "Entire"),
    ],
)
def test_a_tools_own_trailer_says_that_it_helped(trailer: str, tool: str) -> None:
    marks = ai.commit_evidence(commit(f"Change\n\nWords.\n\n{trailer}\n"))
    assert [(mark.tool, mark.role, mark.span) for mark in marks] == [(tool, Role.ASSIST, trailer)]


@pytest.mark.parametrize(
    ("line", "tool", "role"),
    [
        ("🤖 Generated with [Claude Code](https://claude.com/claude-code)", "Claude Code", Role.ASSIST),
        ("🤖 Generated with [Claude Code](https://claude.ai/code)", "Claude Code", Role.ASSIST),
        ("🤖 Generated with Claude Code", "Claude Code", Role.ASSIST),
        ("https://claude.ai/code/session_01AbC", "Claude Code", Role.ASSIST),
        ("via [Happy](https://happy.engineering)", "Happy", Role.ASSIST),
        ("Made with [Cursor](https://cursor.com)", "Cursor", Role.ASSIST),
        ("https://cursor.com/agents/bc-0a1b2c3d-0000", "Cursor", Role.AUTHOR),
        ("https://chatgpt.com/codex/tasks/task_e_0a1b2c", "Codex", Role.ASSIST),
        ("🤖 Generated with [opencode](https://opencode.ai)", "OpenCode", Role.ASSIST),
        ("💘 Generated with Crush", "Crush", Role.ASSIST),
        ("Generated with [Continue](https://continue.dev)", "Continue", Role.ASSIST),
        ("<!-- START COPILOT CODING AGENT SUFFIX -->", "GitHub Copilot", Role.AUTHOR),
        (
            "Open the [Copilot Workspace session](https://copilot-workspace.githubnext.com/a/b).",
            "GitHub Copilot",
            Role.ASSIST,
        ),
        ("Link to Devin run: https://app.devin.ai/sessions/0a1b2c", "Devin", Role.AUTHOR),
        ("_codex-gpt-5.5-medium on behalf of Ada_", "Codex", Role.ASSIST),
    ],
)
def test_a_generators_line_counts_in_messages_and_bodies(line: str, tool: str, role: Role) -> None:
    marks = [*ai.commit_evidence(commit(f"Change\n\n{line}\n\nThe end.")), *ai.pull_request_evidence(pull(body=line))]
    assert [(mark.tool, mark.role, mark.place) for mark in marks] == [
        (tool, role, Place.MESSAGE),
        (tool, role, Place.BODY),
    ]


@pytest.mark.parametrize(
    "author",
    [
        "Claude Paroz <claude.paroz@example.org>",
        "Claude <claude@example.com>",
        "craigie <craigie@anthropic.com>",
        "Staff <somebody@openai.com>",
        "Paul Gauthier <paul@aider.chat>",
        "Stevey <stevey@sourcegraph.com>",
        "Staff <staff@all-hands.dev>",
        "Staff <staff@cline.bot>",
        "Roo <roo-code@z.ewheeler.org>",
        "Isaac Devine <isaac@example.org>",
        "devin <study.devin@gmail.com>",
        "X <x@adevinta.com>",
        "Jules Mons <jules@example.org>",
        "Codex <somebody@gmail.com>",
        "chris <chris@codexfons.com>",
        "Cody Little <cody@example.org>",
        "Charlie Marsh <charlie@example.org>",
        "Travis Cline <travis@example.org>",
        "Benjamin Goose <ben@example.org>",
        "Thomas Traenkler <t@example.org>",
        "Ona Smith <ona@example.org>",
        f"Jason Wang <198982749+Copilot@{GITHUB}>",
        f"Ada <41898282+ada@{GITHUB}>",
        f"claude <12345+claude@{GITHUB}>",
        f"cursor <12345+cursor@{GITHUB}>",
        f"KirobotDev <12345+KirobotDev@{GITHUB}>",
        f"dependabot[bot] <49699333+dependabot[bot]@{GITHUB}>",
        f"renovate[bot] <29139614+renovate[bot]@{GITHUB}>",
        f"github-actions[bot] <41898282+github-actions[bot]@{GITHUB}>",
        f"pre-commit-ci[bot] <66853113+pre-commit-ci[bot]@{GITHUB}>",
        f"mergify[bot] <37929162+mergify[bot]@{GITHUB}>",
        f"codecov[bot] <22429695+codecov[bot]@{GITHUB}>",
        f"sentry[bot] <39604003+sentry[bot]@{GITHUB}>",
        f"graphite-app[bot] <96075541+graphite-app[bot]@{GITHUB}>",
        "gemini-cli-robot <gemini-cli-robot@google.com>",
        "PR Bot <pr-bot@minimaxi.com>",
        "GitHub <noreply@github.com>",
        "abbott <abbott@example.org>",
    ],
)
def test_namesakes_staff_and_other_automation_are_no_ai(author: str) -> None:
    assert tools(commit(author=author)) == []
    assert tools(commit(f"Change\n\nCo-authored-by: {author}\n")) == []


@pytest.mark.parametrize(
    "text",
    [
        "Add OpenAI Codex SDK integration",
        "Use Gemini 2.5 Pro API",
        "Move the cursor, then continue",
        "No AI was used.",
        "This was not generated with Claude Code.",
        "- [ ] This PR was generated with AI assistance",
        "We used to write\n\nCo-authored-by: Claude <noreply@anthropic.com>\n\nin every message.",
        "Assisted-by: Claude Paroz",
        "Assisted-by: Cody Little <cody@example.org>",
        "Assisted-by: https://example.org/ai-policy",
        "Made-with: love",
        "Reviewed-by: Claude <noreply@anthropic.com>",
        "> 🤖 Generated with [Claude Code](https://claude.com/claude-code)",
        "```\n🤖 Generated with [Claude Code](https://claude.com/claude-code)\n```",
        "~~~~\n```\nMade with [Cursor](https://cursor.com)\n~~~~",
        "    Made with [Cursor](https://cursor.com)",
        "The footer 🤖 Generated with [Claude Code](https://claude.com/claude-code) is noise",
        "See https://claude.ai/code/session_01AbC for the discussion",
        "## Summary by CodeRabbit\n\n- New features",
        "<!-- CURSOR_SUMMARY -->",
        "<!-- devin-review-badge-begin -->",
        "<!-- greptile_comment -->",
        "This stack of pull requests is managed by Graphite",
        "Merge branch 'main' into codex/fix",
        "Replit-Commit-Author: Deployment",
    ],
)
def test_talk_about_ai_is_no_mark(text: str) -> None:
    assert ai.commit_evidence(commit(f"Change\n\n{text}")) == []
    assert judged(pull(commit(), body=text)) == ("no_evidence", "no_evidence", "")


@pytest.mark.parametrize(
    "reviewer",
    [
        f"Copilot <175728472+Copilot@{GITHUB}>",
        f"Copilot Autofix powered by AI <62310815+github-advanced-security[bot]@{GITHUB}>",
        f"Copilot Autofix powered by AI <223894421+github-code-quality[bot]@{GITHUB}>",
        f"coderabbitai[bot] <136622811+coderabbitai[bot]@{GITHUB}>",
        f"gemini-code-assist[bot] <176961590+gemini-code-assist[bot]@{GITHUB}>",
        f"greptile-apps[bot] <165735046+greptile-apps[bot]@{GITHUB}>",
        f"ellipsis-dev[bot] <65095814+ellipsis-dev[bot]@{GITHUB}>",
        f"cubic-dev-ai[bot] <191113872+cubic-dev-ai[bot]@{GITHUB}>",
        f"macroscopeapp[bot] <170038800+macroscopeapp[bot]@{GITHUB}>",
        f"baz-reviewer[bot] <174234987+baz-reviewer[bot]@{GITHUB}>",
        f"qodo-merge-pro-for-open-source[bot] <189517486+qodo-merge-pro-for-open-source[bot]@{GITHUB}>",
        f"sourcery-ai[bot] <58596630+sourcery-ai[bot]@{GITHUB}>",
    ],
)
def test_an_accepted_review_suggestion_makes_nothing_ai_written(reviewer: str) -> None:
    record = commit(f"Change\n\nCo-authored-by: {reviewer}\n")
    assert [mark.role for mark in ai.commit_evidence(record)] == [Role.REVIEW]
    assert judged(pull(record)) == ("no_evidence", "no_evidence", "")


@pytest.mark.parametrize(
    "copy",
    ["This reverts commit 0123456789abcdef.", "Reverts harbour/pilot#12", "(cherry picked from commit 0123456789ab)"],
)
def test_a_revert_or_back_port_inherits_no_line_of_the_original(copy: str) -> None:
    text = f"Made with [Cursor](https://cursor.com)\n\n{copy}"
    assert ai.commit_evidence(commit(f"Change\n\n{text}")) == []
    assert ai.pull_request_evidence(pull(body=text)) == []


@pytest.mark.parametrize(
    "login", ["claude", "copilot-swe-agent", "cursor", "devin-ai-integration", "google-labs-jules"]
)
def test_only_a_bot_account_can_be_an_agent(login: str) -> None:
    assert judged(pull(commit(), login=login, kind="bot"))[0] == "yes"
    assert judged(pull(commit(), login=login, kind="user"))[0] == "no_evidence"


def test_an_agent_among_peoples_commits_helped_and_alone_it_wrote() -> None:
    agent = commit(author="Claude <noreply@anthropic.com>", sha="a")
    person = commit(sha="b")
    base = commit(author=ADA, sha="m", is_merge=True)
    assert judged(pull(agent, base)) == ("yes", "no_evidence", "Claude Code")
    assert judged(pull(agent, person)) == ("no_evidence", "yes", "Claude Code")


def test_both_axes_may_be_yes() -> None:
    helped = commit("Change\n\nCo-authored-by: Amp <amp@ampcode.com>\n")
    assert judged(pull(helped, login="cursor", kind="bot")) == ("yes", "yes", "Cursor")


def test_what_was_not_read_is_unknown_unless_a_mark_was_seen() -> None:
    assert judged(pull(commit(), total=300)) == ("unknown", "unknown", "")
    assert judged(pull(commit(), total=300, login="claude", kind="bot")) == ("yes", "unknown", "Claude Code")
    assert judged(pull(total=3, body="Made with [Cursor](https://cursor.com)")) == ("unknown", "yes", "Cursor")


def test_merges_of_the_base_carry_nothing_in() -> None:
    base = commit("Merge\n\nCo-authored-by: Claude <noreply@anthropic.com>\n", is_merge=True, sha="m")
    assert judged(pull(commit(), base)) == ("no_evidence", "no_evidence", "")


def test_evidence_says_what_stands_where_and_by_which_rule() -> None:
    record = commit("Change\n\nCo-authored-by: Claude Opus 5 <noreply@anthropic.com>", sha="abc")
    line = "Co-authored-by: Claude Opus 5 <noreply@anthropic.com>"
    assert ai.commit_evidence(record) == [
        Evidence("Claude Code", Role.ASSIST, Place.TRAILER, line, "claude-mail", VERSION, "abc")
    ]


def test_every_row_can_be_reached() -> None:
    """No two rows claim the same address or account, and every key is written as it is compared."""
    addresses = [key for row in IDENTITIES for key in row.keys]
    logins = [login for account in ACCOUNTS for login in account.logins]
    assert len(set(addresses)) == len(addresses)
    assert len(set(logins)) == len(logins)
    assert [key for key in (*addresses, *logins) if key != key.lower()] == []
