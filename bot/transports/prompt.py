"""The prompt in a real terminal: history (never on disk), completion, and room for reminders."""

from collections.abc import AsyncIterator, Callable

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.formatted_text import HTML
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout

PROMPT = "du> "


async def typed_lines(commands: list[str], shown: Callable[[], None]) -> AsyncIterator[str]:
    """Lines as a person types them, until Ctrl-D or Ctrl-C; what is printed meanwhile stands above.

    `commands` may be filled later: they are offered from then on. `shown` is called with every drawing.
    """
    session: PromptSession[str] = PromptSession(
        history=InMemoryHistory(),
        completer=WordCompleter(lambda: commands, sentence=True),
        complete_while_typing=True,
    )
    session.app.after_render += lambda _: shown()
    with patch_stdout(raw=True):
        while True:
            try:
                yield await session.prompt_async(HTML(f"<b><ansigreen>{PROMPT}</ansigreen></b>"))
            except (EOFError, KeyboardInterrupt):
                return
