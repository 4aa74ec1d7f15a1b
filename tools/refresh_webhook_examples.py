"""Pack GitHub's example messages, as npm carries them, into the fixture of the receiver's tests.

Needs npm and the network; run by hand when a newer version appears: `python tools/refresh_webhook_examples.py`.
"""

import gzip
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE, VERSION = "@octokit/webhooks-examples", "7.6.1"
PAYLOADS = Path(__file__).parent.parent / "tformance" / "sources" / "github" / "tests" / "payloads"
NOTICE = f"""\
# Examples of GitHub's messages

`webhooks.json.gz` holds every example of the npm package `{PACKAGE}` {VERSION} (folder `api.github.com`), which its
package.json puts under the MIT licence, Copyright (c) Gregor Martynus and contributors. It is a list of
`{{"event": …, "payload": …}}`, made by `tools/refresh_webhook_examples.py`.
"""


def main() -> None:
    PAYLOADS.mkdir(parents=True, exist_ok=True)
    examples = [{"event": event["name"], "payload": payload} for event in _published() for payload in event["examples"]]
    text = json.dumps(examples, separators=(",", ":"), sort_keys=True)
    (PAYLOADS / "webhooks.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    (PAYLOADS / "README.md").write_text(NOTICE)
    print(f"{len(examples)} examples")


def _published() -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"{PACKAGE}@{VERSION}"], cwd=folder, check=True)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            member = package.extractfile("package/api.github.com/index.json")
            assert member is not None
            events: list[dict[str, object]] = json.load(member)
            return events


if __name__ == "__main__":
    main()
