"""The prompt in a real terminal: history (never on disk), completion, and room for reminders."""

from collections.abc import AsyncIterator, Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.formatted_text import HTML
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout


async def typed_lines(prompt: str, commands: Sequence[str]) -> AsyncIterator[str]:
    """Lines as a person types them, until Ctrl-D or Ctrl-C; what is printed meanwhile stands above."""
    session: PromptSession[str] = PromptSession(
        history=InMemoryHistory(),
        completer=WordCompleter(list(commands), sentence=True),
        complete_while_typing=True,
    )
    with patch_stdout(raw=True):
        while True:
            try:
                yield await session.prompt_async(HTML(f"<b><ansigreen>{prompt}</ansigreen></b>"))
            except (EOFError, KeyboardInterrupt):
                return
