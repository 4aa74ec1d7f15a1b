"""The AI marks the generator plants and the truth looks for, all exact; `docs/sandbox.md` lists them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """One identity of a tool in git: a name and an e-mail."""

    tool: str
    name: str
    email: str

    @property
    def trailer(self) -> str:
        return f"Co-authored-by: {self.name} <{self.email}>"


ASSIST = (
    Mark("Claude Code", "Claude", "noreply@anthropic.com"),
    Mark("Claude Code", "Claude Opus 4.6", "noreply@anthropic.com"),
    Mark("Claude Code", "Claude Sonnet 5", "noreply@anthropic.com"),
    Mark("Claude Code", "Claude Fable 5", "noreply@anthropic.com"),
    Mark("GitHub Copilot", "Copilot", "223556219+Copilot@users.noreply.github.com"),
    Mark("Cursor", "Cursor", "cursoragent@cursor.com"),
    Mark("Codex", "Codex", "noreply@openai.com"),
    Mark("Codex", "GPT-5", "noreply@anthropic.com"),
    Mark("Amp", "Amp", "amp@ampcode.com"),
    Mark("Aider", "aider (gpt-5)", "aider@aider.chat"),
)
FOOTERS = {
    "🤖 Generated with [Claude Code](https://claude.com/claude-code)": "Claude Code",
    "🤖 Generated with [Claude Code](https://claude.ai/code)": "Claude Code",
    "Made with [Cursor](https://cursor.com)": "Cursor",
}
AGENTS = {
    "copilot-swe-agent": Mark("GitHub Copilot", "copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com"),
    "claude": Mark("Claude Code", "Claude", "noreply@anthropic.com"),
    "cursor": Mark("Cursor", "Cursor Agent", "cursoragent@cursor.com"),
    "chatgpt-codex-connector": Mark("Codex", "Codex", "codex@openai.com"),
    "devin-ai-integration": Mark("Devin", "Devin AI", "158243242+devin-ai-integration[bot]@users.noreply.github.com"),
    "google-labs-jules": Mark(
        "Jules", "google-labs-jules[bot]", "161369871+google-labs-jules[bot]@users.noreply.github.com"
    ),
}
AUTHORS = (*AGENTS.values(), Mark("GitHub Copilot", "Copilot", "198982749+Copilot@users.noreply.github.com"))
AUTOMATION = (
    "dependabot",
    "renovate",
    "github-actions",
    "pre-commit-ci",
    "release-please",
    "codecov",
    "mergify",
    "vercel",
    "github-merge-queue",
)
REVIEW_BOTS = ("coderabbitai", "copilot-pull-request-reviewer", "gemini-code-assist")
NOT_AI = (
    Mark("", "Copilot", "175728472+Copilot@users.noreply.github.com"),
    Mark("", "coderabbitai[bot]", "136622811+coderabbitai[bot]@users.noreply.github.com"),
    Mark("", "gemini-code-assist[bot]", "176961590+gemini-code-assist[bot]@users.noreply.github.com"),
    Mark("", "Claude Paroz", "claude.paroz@example.org"),
    Mark("", "Craig E", "craigie@anthropic.com"),
    Mark("", "Claude", "claude@example.com"),
)
