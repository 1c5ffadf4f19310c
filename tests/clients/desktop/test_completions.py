from __future__ import annotations

import shutil
import subprocess

import pytest

from clients.desktop.completions import completions

_ASK = """
{script}
COMP_WORDS=({words} "{word}"); COMP_CWORD={at}; _soundwell; echo "${{COMPREPLY[@]}}"
"""


def offered(words: str, word: str = "") -> set[str]:
    """What bash offers behind these words."""
    at = len(words.split())
    script = _ASK.format(script=completions("bash"), words=words, word=word, at=at)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return set(done.stdout.split())


def test_bash_offers_verbs_flags_and_values() -> None:
    assert {"focus", "pomodoro", "export", "--server"} <= offered("soundwell")
    assert offered("soundwell", "po") == {"pomodoro"}
    assert offered("soundwell ctl", "s") == {"stop", "status"}
    assert offered("soundwell focus --meter") == {"bar", "spectrum", "lufs", "none"}
    assert offered("soundwell --null focus", "--ta") == {"--take-over"}
    assert offered("soundwell focus --record") == set()  # bash then offers files
    assert offered("soundwell completions") == {"bash", "zsh", "fish", "--help"}
    assert "--volume" not in offered("soundwell export", "--")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_every_verb_and_flag(shell: str) -> None:
    script = completions(shell)
    for word in ("energize", "completions", "take-over", "no-color", "output", "toggle"):
        assert word in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)
