"""How AI tools sign their work: the rows the detector reads. Every string here is matched whole, never as a part.

Identities are exact e-mail addresses or exact accounts, because people share names, domains and even account numbers
with tools. `author` is the role when the identity wrote the commit or opened the pull request, `helper` when it is
named as a co-author; an empty role means that this says nothing.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

VERSION = 1  # of the rows and of how they are read; raise it with every change, so that verdicts are derived again


class Role(StrEnum):
    AUTHOR = "author"  # the tool wrote it
    ASSIST = "assist"  # a person wrote it with the tool
    REVIEW = "assist_from_review"  # a person took over a reviewer's suggestion: not AI-written
    NONE = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """`keys` are e-mail addresses in lower case; `names`, when given, are the only ones this row is about."""

    id: str
    tool: str
    keys: tuple[str, ...]
    author: Role = Role.AUTHOR
    helper: Role = Role.ASSIST
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A bot account by its login without "[bot]"; its address is `<login>[bot]@users.noreply.github.com`."""

    id: str
    tool: str
    logins: tuple[str, ...]
    author: Role = Role.AUTHOR
    helper: Role = Role.ASSIST


@dataclass(frozen=True, slots=True)
class Key:
    """A trailer whose key is the tool's own; without a `tool` the value names it (see NAMED)."""

    id: str
    tool: str
    key: str
    value: re.Pattern[str]
    role: Role = Role.ASSIST


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a generator leaves in a commit message or a pull request's text; `needle` is in every match."""

    id: str
    tool: str
    needle: str
    line: re.Pattern[str]
    role: Role = Role.ASSIST


def _github(*addresses: str) -> tuple[str, ...]:
    return tuple(f"{address}@users.noreply.github.com".lower() for address in addresses)


IDENTITIES = (
    Identity("claude-mail", "Claude Code", ("noreply@anthropic.com",)),
    Identity("claude-mail-old", "Claude Code", ("claude@anthropic.com", "claude-code@anthropic.com")),
    Identity(
        "copilot-agent",
        "GitHub Copilot",
        _github("198982749+Copilot"),
        names=("copilot", "copilot-swe-agent", "copilot-swe-agent[bot]"),
    ),
    Identity("copilot-cli", "GitHub Copilot", _github("223556219+Copilot")),
    Identity("copilot-vscode", "GitHub Copilot", ("copilot@github.com",)),
    Identity("copilot-review", "GitHub Copilot", _github("175728472+Copilot"), author=Role.NONE, helper=Role.REVIEW),
    Identity("cursor-mail", "Cursor", ("cursoragent@cursor.com",)),
    Identity("codex-mail", "Codex", ("noreply@openai.com", "codex@openai.com", "codex-agent@example.com")),
    Identity("codex-account", "Codex", _github("267193182+codex")),
    Identity("gemini-cli-account", "Gemini CLI", _github("218195315+gemini-cli")),
    Identity("devin-mail", "Devin", ("bot@devin.ai",)),
    Identity(
        "aider-mail", "Aider", ("aider@aider.chat", "noreply@aider.chat", "noreply@aider.dev"), author=Role.ASSIST
    ),
    Identity("amp-mail", "Amp", ("amp@ampcode.com", "amp@example.com")),
    Identity("openhands-mail", "OpenHands", ("openhands@all-hands.dev",)),
    Identity("opendevin-mail", "OpenHands", ("opendevin@all-hands.dev", "opendevin@opendevin.ai")),
    Identity("opencode-mail", "OpenCode", ("noreply@opencode.ai", "sisyphus@opencode.ai")),
    Identity("crush-mail", "Crush", ("crush@charm.land",)),
    Identity("continue-mail", "Continue", ("noreply@continue.dev", "agent@continue.dev")),
    Identity("roo-mail", "Roo Code", ("roomote@roocode.com",)),
    Identity(
        "cline-mail",
        "Cline",
        (
            "agent@cline.bot",
            "noreply@cline.bot",
            "bot@cline.bot",
            "cline@bot",
            "cline@cline.local",
            *_github("cline-agent", "cline-cloud-agent", "cline"),
        ),
    ),
    Identity("kilo-mail", "Kilo Code", ("kevin+kilocodebot@kilocode.ai",)),
    Identity("droid-mail", "Factory Droid", ("droid@factory.ai", *_github("138933559+factory-droid-oss"))),
    Identity("warp-mail", "Warp", ("agent@warp.dev", "oz-agent@warp.dev")),
    Identity("junie-mail", "Junie", ("junie@jetbrains.com",)),
    Identity("kiro-account", "Kiro", _github("244629292+kiro-agent")),
    Identity("kiro-mail", "Kiro", ("noreply@kiro.dev",)),
    Identity("qwen-mail", "Qwen Code", ("qwen-coder@alibabacloud.com",)),
    Identity("qwen-agent", "Qwen Code", ("qwenlm-intl@service.alibaba.com",)),
    Identity("trae-mail", "Trae", ("agent@trae.local", "noreply@bytedance.com", "traecli@bytedance.com")),
    Identity("grok-mail", "Grok", ("noreply@x.ai",)),
    Identity("glm-mail", "GLM", ("noreply@z.ai",)),
    Identity("happy-mail", "Happy", ("yesreply@happy.engineering",)),
    Identity("ona-mail", "Ona", ("no-reply@ona.com",)),
    Identity("vibe-kanban-mail", "Vibe Kanban", ("noreply@vibekanban.com",)),
    Identity("open-swe-mail", "Open SWE", _github("open-swe")),
    Identity("mentat-account", "Mentat", _github("160964065+MentatBot")),
    Identity("charlie-mail", "Charlie", ("charlie@charlielabs.ai",)),
    Identity("pi-mail", "Pi", ("pi@earendil.works",)),
    Identity("openclaw-mail", "OpenClaw", ("agent@openclaw.ai", "clawdbot@localhost", "subagent@clawd.ai")),
    Identity("hermes-mail", "Hermes Agent", _github("hermes-agent")),
    Identity("hercules-mail", "Hercules", ("noreply@usehercules.com",)),
    Identity("goose-mail", "Goose", ("goose@opensource.block.xyz",)),
    Identity("tabnine-mail", "Tabnine", ("noreply@tabnine.com",)),
    Identity("windsurf-mail", "Windsurf", ("cascade@windsurf.ai", "windsurf@codeium.com")),
    Identity("commandcode-mail", "Command Code", ("noreply@commandcode.ai",)),
    Identity("antigravity-mail", "Antigravity", ("antigravity@google.com",)),
    Identity("yaai-account", "YAAI", _github("261597362+yaai-bot")),
)

ACCOUNTS = (
    Account("claude-app", "Claude Code", ("claude",)),
    Account("copilot-app", "GitHub Copilot", ("copilot-swe-agent", "copilot")),
    Account("cursor-app", "Cursor", ("cursor",)),
    Account("codex-app", "Codex", ("chatgpt-codex-connector", "openai-codex")),
    Account("jules-app", "Jules", ("google-labs-jules",)),
    Account("gemini-cli-app", "Gemini CLI", ("gemini-cli",)),
    Account("devin-app", "Devin", ("devin-ai-integration",)),
    Account("continue-app", "Continue", ("continue",)),
    Account("roomote-app", "Roo Code", ("roomote", "roomote-v0")),
    Account("cline-app", "Cline", ("cline-cloud",)),
    Account("kilo-app", "Kilo Code", ("kiloconnect", "kilo-code-bot")),
    Account("droid-app", "Factory Droid", ("factory-droid",)),
    Account("junie-app", "Junie", ("jetbrains-junie", "jetbrains-ai")),
    Account("amazon-q-app", "Amazon Q Developer", ("amazon-q-developer",)),
    Account("qwen-app", "Qwen Code", ("qwen.ai",)),
    Account("v0-app", "v0", ("v0",)),
    Account("vercel-factory-app", "Vercel AI factory", ("ai-sdk-factory",)),
    Account("lovable-app", "Lovable", ("lovable-dev", "gpt-engineer-app")),
    Account("bolt-app", "Bolt", ("bolt-new-by-stackblitz",)),
    Account("sweep-app", "Sweep", ("sweep-ai", "sweep-ai-deprecated", "sweep-nightly")),
    Account("codegen-app", "Codegen", ("codegen-sh",)),
    Account("open-swe-app", "Open SWE", ("open-swe",)),
    Account("charlie-app", "Charlie", ("charliecreates",)),
    Account("cody-app", "Cody", ("sourcegraph-cody",)),
    Account("zencoder-app", "Zencoder", ("zencoder-ai",)),
    Account("blackbox-app", "Blackbox", ("blackboxai",)),
    Account("terragon-app", "Terragon", ("terragon-labs",)),
    Account("pydanty-app", "Pydanty", ("pydanty",)),
    Account("marvin-app", "Marvin", ("marvin-context-protocol",)),
    Account("felix-app", "Fix-it Felix", ("fix-it-felix-sentry",)),
    # Reviewers: what they are named for as co-authors is a suggestion that a person accepted.
    Account("seer-app", "Seer", ("seer-by-sentry",), helper=Role.REVIEW),
    Account("codeflash-app", "Codeflash", ("codeflash-ai",), helper=Role.REVIEW),
    Account("hyperlint-app", "Hyperlint", ("hyperlint-ai",), helper=Role.REVIEW),
    Account("mintlify-app", "Mintlify", ("mintlify",), Role.NONE, Role.REVIEW),
    Account("penify-app", "Penify", ("snorkell-ai",), helper=Role.REVIEW),
    Account("coderabbit-app", "CodeRabbit", ("coderabbitai",), helper=Role.REVIEW),
    Account("greptile-app", "Greptile", ("greptile-apps",), Role.NONE, Role.REVIEW),
    Account("sourcery-app", "Sourcery", ("sourcery-ai",), Role.NONE, Role.REVIEW),
    Account("ellipsis-app", "Ellipsis", ("ellipsis-dev",), Role.NONE, Role.REVIEW),
    Account(
        "qodo-app",
        "Qodo",
        (
            "qodo-merge-pro",
            "qodo-code-review",
            "qodo-merge",
            "codium-pr-agent",
            "qodo-merge-pro-for-open-source",
        ),
        Role.NONE,
        Role.REVIEW,
    ),
    Account("cubic-app", "cubic", ("cubic-dev-ai",), Role.NONE, Role.REVIEW),
    Account("macroscope-app", "Macroscope", ("macroscopeapp",), Role.NONE, Role.REVIEW),
    Account("baz-app", "Baz", ("baz-reviewer",), Role.NONE, Role.REVIEW),
    Account("augment-app", "Augment", ("augmentcode",), Role.NONE, Role.REVIEW),
    Account("gemini-review-app", "Gemini Code Assist", ("gemini-code-assist",), Role.NONE, Role.REVIEW),
    Account("copilot-review-app", "GitHub Copilot", ("copilot-pull-request-reviewer",), Role.NONE, Role.REVIEW),
    Account("autofix-app", "Copilot Autofix", ("github-advanced-security",), Role.NONE, Role.REVIEW),
    Account("code-quality-app", "Copilot Autofix", ("github-code-quality",), Role.NONE, Role.REVIEW),
    Account("aikido-app", "Aikido", ("aikido-autofix",), Role.NONE, Role.REVIEW),
    Account("windsurf-app", "Windsurf", ("windsurf-bot",), Role.NONE, Role.REVIEW),
    Account("bito-app", "Bito", ("bito-code-review",), Role.NONE, Role.REVIEW),
    Account("korbit-app", "Korbit", ("korbit-ai",), Role.NONE, Role.REVIEW),
    Account("codeant-app", "CodeAnt", ("codeant-ai",), Role.NONE, Role.REVIEW),
)

# How tools mark the author's own name.
ENDINGS = (
    ("aider-name", "Aider", " (aider)", Role.ASSIST),
    ("pi-name", "Pi", "(via Pi Coding Agent)", Role.AUTHOR),
    ("openclaw-name", "OpenClaw", " (OpenClaw)", Role.AUTHOR),
)

# A name that says another tool than the address it is used with.
FOREIGN_NAMES = (
    (re.compile(r"(openai[ -])?(gpt|codex)\b.*", re.I), "Codex"),
    (re.compile(r"gemini\b.*", re.I), "Gemini CLI"),
    (re.compile(r"goose", re.I), "Goose"),
    (re.compile(r"opencode\b.*", re.I), "OpenCode"),
)

# What a value such as "Claude Code (Opus 5)", "Crush:glm-5" or "gpt-5.5 via Crush" may name. A person's name never
# fits, because only a model, a version or a bracket may follow.
_REST = (
    r"(?: (?:code|cli|agent|ide|opus|sonnet|haiku|fable|v?\d[\w.]*))*(?: ?\(.*\)|[:/].*|-[\w.-]+(?: on behalf of .+)?)?"
)
NAMED = tuple(
    (re.compile(rf"(?:{names}){_REST}|\S.* via (?:{names})(?: <.*>)?", re.I), tool)
    for names, tool in (
        ("claude", "Claude Code"),
        ("(?:github )?copilot", "GitHub Copilot"),
        ("cursor", "Cursor"),
        ("(?:openai )?codex|(?:openai )?gpt|chatgpt", "Codex"),
        ("gemini", "Gemini CLI"),
        ("opencode", "OpenCode"),
        ("crush", "Crush"),
        ("kiro", "Kiro"),
        ("aider", "Aider"),
        ("amp", "Amp"),
        ("devin", "Devin"),
        ("junie", "Junie"),
        ("ai", "Unnamed AI tool"),
    )
)

_ANY = re.compile(r".+", re.S)
KEYS = (
    Key("claude-session", "Claude Code", "claude-session", re.compile(r"https://claude\.ai/code/session_\S+")),
    Key(
        "copilot-logs",
        "GitHub Copilot",
        "agent-logs-url",
        re.compile(r"https://github\.com/\S+/sessions/\S+"),
        Role.AUTHOR,
    ),
    Key("copilot-session", "GitHub Copilot", "copilot-session", re.compile(r"[0-9a-fA-F-]{36}")),
    Key("amp-thread", "Amp", "amp-thread-id", re.compile(r"(https://ampcode\.com/threads/)?T-[0-9a-f-]{36}")),
    Key("replit-author", "Replit", "replit-commit-author", re.compile(r"Agent|Assistant"), Role.AUTHOR),
    Key("entire-checkpoint", "Entire", "entire-checkpoint", _ANY),
    Key("entire-agent", "", "entire-agent", _ANY),
    Key("made-with", "", "made-with", _ANY),
    Key("assisted-by", "", "assisted-by", _ANY),
    Key("ai-assisted", "", "ai-assisted", _ANY),
    Key("generated-by", "", "generated-by", _ANY),
    Key("agent-signature", "", "agent-signature", _ANY),
)


def _generated(label: str, url: str) -> re.Pattern[str]:
    return re.compile(rf"(?:\W{{1,3}} ?)?(?:Generated|Made) with \[{label}\]\({url}\)", re.I)


LINES = (
    Line(
        "claude-footer",
        "Claude Code",
        "with [Claude Code](",
        _generated("Claude Code", r"https://claude\.(?:com/claude-code|ai/code|com/code)/?"),
    ),
    Line(
        "claude-footer-plain", "Claude Code", "Generated with Claude Code", re.compile("🤖 Generated with Claude Code")
    ),
    Line(
        "claude-web-link",
        "Claude Code",
        "https://claude.ai/code/session_",
        re.compile(r"(?:Session: )?https://claude\.ai/code/session_\w+"),
    ),
    Line("cursor-footer", "Cursor", "with [Cursor](", _generated("Cursor", r"https://(?:www\.)?cursor\.com/?")),
    Line(
        "cursor-agent-link",
        "Cursor",
        "cursor.com/",
        re.compile(r"https://(?:www\.)?cursor\.com/(?:agents/|background-agent\?bcId=)bc-[\w-]+"),
        Role.AUTHOR,
    ),
    Line(
        "cursor-agent-body",
        "Cursor",
        "CURSOR_AGENT_PR_BODY_BEGIN",
        re.compile("<!-- CURSOR_AGENT_PR_BODY_BEGIN -->"),
        Role.AUTHOR,
    ),
    Line("opencode-footer", "OpenCode", "with [opencode](", _generated("opencode", r"https://opencode\.ai/?")),
    Line("crush-footer", "Crush", "Generated with Crush", re.compile(r"\W{1,3} ?Generated with Crush")),
    Line("crush-footer-link", "Crush", "with [Crush](", _generated("Crush", r"https://\S+/crush/?")),
    Line(
        "continue-footer", "Continue", "with [Continue](", _generated("Continue", r"https://(?:www\.)?continue\.dev/?")
    ),
    Line("happy-footer", "Happy", "via [Happy](", re.compile(r"via \[Happy\]\(https://happy\.engineering/?\)")),
    Line(
        "codex-task-link",
        "Codex",
        "https://chatgpt.com/codex/tasks/task_",
        re.compile(r"https://chatgpt\.com/codex/tasks/task_\w+"),
    ),
    Line(
        "copilot-agent-body",
        "GitHub Copilot",
        "<!-- START COPILOT",
        re.compile(r"<!-- START COPILOT (?:CODING AGENT (?:SUFFIX|TIPS)|ORIGINAL PROMPT) -->"),
        Role.AUTHOR,
    ),
    Line(
        "copilot-workspace",
        "GitHub Copilot",
        "copilot-workspace.githubnext.com",
        re.compile(r".*\[Copilot Workspace session\]\(https://copilot-workspace\.githubnext\.com/\S+\)\.?"),
    ),
    Line(
        "jules-body",
        "Jules",
        "PR created automatically by Jules",
        re.compile(r"\*?PR created automatically by Jules for task \[\d+\]\(https://jules\.google\.com/task/\d+\).*"),
        Role.AUTHOR,
    ),
    Line(
        "devin-body",
        "Devin",
        "app.devin.ai/sessions/",
        re.compile(r"(?:Link to )?Devin (?:run|session): \[?https://app\.devin\.ai/sessions/.+", re.I),
        Role.AUTHOR,
    ),
    Line(
        "on-behalf",
        "",
        " on behalf of ",
        re.compile(r"_(?P<tool>(?:claude|codex|gpt|gemini|cursor|copilot|amp)-[\w.-]+ on behalf of [^_]+)_"),
    ),
)
