"""Draws the pictures of the README: a real conversation, as Telegram, Matrix and the terminal show it.

    python -m tests.conversation_pictures

The bot is run in this process; its answers go through the very code that writes them for a platform. Around
them stands HTML of our own, drawn by Chromium, so colours and shapes are like the platforms', not theirs.
"""

import asyncio
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from datetime import timedelta
from html import escape
from pathlib import Path

from bot.commands import ALL
from bot.commands.command import Commands
from bot.markup import plain
from bot.transports.matrix.content import text_content
from bot.transports.matrix.signs import with_signs
from bot.transports.telegram.buttons import keyboard
from bot.transports.telegram.html import html
from bot.transports.telegram.lines import read
from bot.transports.terminal import numbered
from store.messages import Outgoing
from tests.stage.crowd import gathered

DOCS = Path(__file__).parent.parent / "docs"
NAMES = Commands(ALL).names
SAID = ("Wer bezahlt Frauenhäuser?", "/abo Rostock")
WIDTH = 640
STYLE = """
body{margin:0;padding:18px;width:604px;font:15px/1.4 'DejaVu Sans',sans-serif;zoom:1}
.me,.bot{border-radius:14px;padding:9px 13px;margin:7px 0;max-width:480px;white-space:pre-wrap;clear:both}
.me{float:right}.bot{float:left}p{margin:0 0 .6em}ul{margin:.2em 0 .6em;padding-left:1.3em}
.keys{clear:both;float:left;width:506px}.keys div{display:flex;gap:5px;margin:0 0 5px}
.keys span{flex:1;text-align:center;border-radius:9px;padding:7px}
a{color:inherit}blockquote{margin:.3em 0;padding-left:.7em;border-left:3px solid #7aa}
"""
TELEGRAM = """body{background:#a9c6b0}.me{background:#e7fdd0}.bot{background:#fff}
.keys span{background:#5b7f6acc;color:#fff}"""
MATRIX = """body{background:#fff;color:#1b1d22}.line{display:flex;gap:11px;margin:0 0 14px;white-space:normal}
.face{flex:none;width:34px;height:34px;border-radius:50%;color:#fff;text-align:center;line-height:34px;
font-weight:bold}
.name{font-weight:bold;font-size:14px}.re span{display:inline-block;border:1px solid #c9ccd3;
border-radius:12px;padding:2px 9px;margin:2px 4px 0 0}.said{white-space:normal}
kbd{background:#5a6fd8;color:#fff;border-radius:4px;padding:0 5px;font:13px inherit}
ol{margin:.3em 0;padding-left:1.6em}"""
TERMINAL = """body{background:#1e1e24;color:#ddd;font:14px/1.45 'DejaVu Sans Mono',monospace}
pre{margin:0;white-space:pre-wrap;font:inherit}b{color:#7fd88f}"""

KEYCAP = re.compile("(\\d)\ufe0f?\u20e3")
Talk = list[tuple[str, Outgoing | None]]


async def talked() -> Talk:
    """What somebody says, and what the bot answers; at the end the reminder that comes by itself."""
    talk: Talk = []
    with tempfile.TemporaryDirectory() as folder:
        async with gathered(Path(folder)) as crowd:
            await crowd.give("1", "member")
            await crowd.give("2", "organiser")
            for text in SAID:
                talk.append((text, None))
                talk += [("", post.outgoing) for post in await crowd.say("1", text)]
            day = crowd.clock.now() + timedelta(days=22)
            await crowd.say("2", f"/termin Rostock {day:%d.%m.%Y} 18 Uhr Haushaltssatzung 2027")
            await crowd.say("2", "ja")
            await crowd.clock.jump(day - timedelta(days=6))
            talk += [("", one.outgoing) for one in await crowd.posts() if one.chat.chat == "1"][:1]
    return talk


def telegram(talk: Talk) -> str:
    parts = []
    for text, answer in talk:
        if answer is None:
            parts.append(f'<div class="me">{escape(text)}</div>')
            continue
        parts.append(f'<div class="bot">{html(read(answer.body))}</div>')
        buttons = keyboard(1, answer.choices)
        rows = buttons.inline_keyboard if buttons else ()
        keys = ["".join(f"<span>{escape(one.text)}</span>" for one in row) for row in rows]
        parts.append('<div class="keys">' + "".join(f"<div>{row}</div>" for row in keys) + "</div>")
    return f"<style>{STYLE}{TELEGRAM}</style>" + "".join(parts)


def matrix(talk: Talk) -> str:
    parts = []
    for text, answer in talk:
        who, colour = ("mia", "#8e6bbf") if answer is None else ("Säulenbot", "#0a7f5a")
        said, signs = escape(text.replace("/", "!", 1) if text.startswith("/") else text), ""
        if answer is not None:
            signed = with_signs(answer, NAMES)
            content = text_content(signed, signed.body, signed.choices, True)
            # Fonts here lack the sign around a number that Matrix clients show.
            said = KEYCAP.sub(r"<kbd>\1</kbd>", content["formatted_body"])
            marks = [f"<span><kbd>{number}</kbd></span>" for number in range(1, len(answer.choices) + 1)]
            signs = f'<div class="re">{"".join(marks)}</div>'
        face = f'<div class="face" style="background:{colour}">{who[0].upper()}</div>'
        name = f'<div class="name" style="color:{colour}">{who}</div>'
        parts.append(f'<div class="line">{face}<div>{name}<div class="said">{said}</div>{signs}</div></div>')
    return f"<style>{STYLE}{MATRIX}</style>" + "".join(parts)


def terminal(talk: Talk) -> str:
    shown = []
    for text, answer in talk:
        if answer is None:
            shown.append(f"<b>du&gt;</b> {escape(text)}")
        else:
            shown.append(
                escape("\n\n".join([plain(answer.body), "\n".join(numbered(answer.choices))]).strip())
            )
    return f"<style>{STYLE}{TERMINAL}</style><pre>" + "\n\n".join(shown) + "</pre>"


def draw(page: str, file: Path) -> None:
    """A page as a picture, as high as it needs to be."""
    from PIL import Image, ImageChops

    chromium = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    with tempfile.TemporaryDirectory() as folder:
        source, shot = Path(folder) / "page.html", Path(folder) / "shot.png"
        source.write_text(f'<!doctype html><meta charset="utf-8">{page}', encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={WIDTH},3000"]
        subprocess.run(
            [chromium, *options, f"--screenshot={shot}", source.as_uri()], check=True, capture_output=True
        )
        whole = Image.open(shot).convert("RGB")
        blank = Image.new("RGB", whole.size, whole.getpixel((WIDTH - 1, whole.height - 1)))
        box = ImageChops.difference(whole, blank).getbbox() or (0, 0, WIDTH, 100)
        cut = whole.crop((0, 0, WIDTH, box[3] + 18))
        cut.quantize(64).save(file, optimize=True)


PICTURES: dict[str, Callable[[Talk], str]] = {"telegram": telegram, "matrix": matrix, "terminal": terminal}

if __name__ == "__main__":
    conversation = asyncio.run(talked())
    for name, page in PICTURES.items():
        draw(page(conversation), DOCS / f"{name}.png")
