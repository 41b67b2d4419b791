"""Makes the environment of its own that the real homeserver of the tests runs in, once.

    python -m tests.homeserver.install

It lies beside the checkout, or where SAEULENBOT_SYNAPSE says. What is in it is pinned.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
REQUIREMENTS = Path(__file__).parent / "requirements.txt"


def environment() -> Path:
    """Where the environment is, or will be."""
    return Path(os.environ.get("SAEULENBOT_SYNAPSE") or ROOT / ".venv-synapse").absolute()


def python() -> Path:
    """The Python that has the homeserver, installed if it is not yet."""
    folder = environment()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "making").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / "made"
        wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
        if not made.exists() or made.read_text() != wanted:
            _make(folder)
            made.write_text(wanted)
    return folder / "bin" / "python"


def _make(folder: Path) -> None:
    """Nothing but what is pinned, and compiled only where it is used: a sixth of the time."""
    venv.create(folder)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "-q"]
    quick = ["--no-compile", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*pip, *quick, "-r", str(REQUIREMENTS)], check=True, stdout=sys.stderr)


if __name__ == "__main__":
    sys.stdout.write(f"{python()}\n")
