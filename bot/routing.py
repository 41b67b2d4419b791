"""What a message is meant to be: a pressed choice, a command, an answer to a question, or a question."""

import re
import unicodedata

from bot import rights
from bot.commands import draft_said
from bot.commands.asking import answer
from bot.commands.command import Command, Commands, folded
from bot.commands.replying import in_own_words
from bot.commands.report_amending import amend
from bot.commands.understanding import understand
from bot.outcomes import phrases
from bot.picking import NUMBER, may_press, picked
from bot.rights import Place
from bot.turn import GAP, Turn
from bot.wishes import wished
from knowledge.slips import nearest
from knowledge.smalltalk import smalltalk
from store import outbox
from store.messages import Choice
from store.outbox import Offer

SIGNS = "/!"
LONGEST_MESSAGE = 4000
LONGEST_LABEL = 60
# Where what is asked for may itself be a question.
ANY_WORDS = "rundruf "
CANCEL = frozenset(
    phrases("abbrechen, abbruch, stopp, stop, cancel, vergiss es, nichts, nein, nein danke, lass mal")
)
# Said where nothing is open, these mean nothing else.
ENDING = frozenset({"abbrechen", "abbruch", "cancel"})
# Whoever asks this is not answering, with a question mark or without.
QUESTION = re.compile(
    r"(?:wann|wer|wo|warum|wieso|weshalb|was (?:ist|sind|heißt|bedeutet)"
    r"|wie (?:viele?|funktioniert|kann|geht)"
    r"|who|when|where|why|what(?:'s| is| are| does| do)|how (?:many|much|do|does|can|is))\s"
    r"|.*\?$",
    re.IGNORECASE | re.DOTALL,
)
# "Säule 2" is what is asked for as often as a command.
ANSWERS = ("saeule",)
# Asks for a sentence to a report that is kept already.
ADDING = "bericht dazu "
# Asks whether to keep a report: only yes and no are answers.
OFFERED = "bericht ergänzen offer"
CONTROL = frozenset({"Cc", "Cs", "Co", "Cn"})


def cleaned(text: str) -> str:
    """What can be read and kept: no lone surrogates, no control characters but line ends and tabs."""
    safe = "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in CONTROL)
    return unicodedata.normalize("NFC", safe).strip()


class Router:
    """Finds the handler for a message; rights are checked here and nowhere else."""

    def __init__(self, commands: Commands) -> None:
        self.commands = commands

    def take(self, turn: Turn) -> None:
        """Answer a message, whatever it is."""
        if turn.incoming.press is not None:
            self._press(turn)
            return
        text = cleaned(turn.incoming.text)
        if turn.incoming.edited:
            if not (self._drafts(turn) and draft_said.follow_edit(turn, text)):
                amend(turn)
        elif len(text) > LONGEST_MESSAGE:
            turn.say("reply.too_long", most=LONGEST_MESSAGE)
        elif not text.strip(SIGNS):
            self._empty(turn)
        elif turn.incoming.forwarded:
            answer(turn, text)
        else:
            self.say(turn, text)

    def say(self, turn: Turn, text: str) -> None:
        """Handle a sentence, typed or said by a choice."""
        if text[0] in SIGNS and len(text) > 1 and not text[1].isspace():
            self._begun_anew(turn, text[1:])
            self._command(turn, text[1:])
        elif not (self._chosen(turn, text) or self._continued(turn, text) or self._worded(turn, text)):
            self._understand(turn, text)

    def _begun_anew(self, turn: Turn, text: str) -> None:
        """What was asked for by the same command before is not waited for any more."""
        command = self.commands.get(self.commands.split(text)[0])
        if command and turn.form and turn.form.startswith(f"{command.name} "):
            turn.close_form()

    def _understand(self, turn: Turn, text: str) -> None:
        if NUMBER.fullmatch(text) and turn.incoming.private:
            turn.say("reply.no_choice")
        elif folded(text) in ENDING and turn.incoming.private:
            self._nothing_open(turn)
        elif not (self._of_a_draft(turn, text) or self._wished(turn, text)):
            understand(turn, text)

    def _nothing_open(self, turn: Turn) -> None:
        if not (self._drafts(turn) and draft_said.give_up(turn)):
            turn.say("form.nothing_open")

    def _of_a_draft(self, turn: Turn, text: str) -> bool:
        """A picture for an open draft of a broadcast, or words about it."""
        return self._drafts(turn) and (self._attached(turn, text) or draft_said.change(turn, text))

    def _wished(self, turn: Turn, text: str) -> bool:
        """A sentence that asks for what a command does, from somebody who may use it."""
        word, rest = self.commands.split(wished(text, turn.services.places) or "")
        command = self.commands.get(word) if word else None
        if command is None or not rights.allows(command.name, turn.standing):
            return False
        self._run(turn, command, rest)
        return True

    def _press(self, turn: Turn) -> None:
        press = turn.incoming.press
        offered = outbox.offer(turn.tx, press.row, turn.now) if press else None
        if press is None or offered is None or not 0 <= press.number < len(offered.choices):
            turn.refused = turn.label("press.expired")
        elif offered.chat.room != turn.incoming.chat.room or not may_press(
            turn, offered, offered.choices[press.number]
        ):
            turn.refused = turn.label("press.not_yours")
        else:
            self._choose(turn, offered.choices[press.number])

    def _choose(self, turn: Turn, choice: Choice) -> None:
        """Say the sentence of a choice: a command, or the answer to what an open form asked."""
        if choice.sentence[0] in SIGNS:
            self._command(turn, choice.sentence[1:].replace(GAP, "").strip())
        elif not self._continued(turn, choice.sentence):
            turn.say("form.expired")

    def _chosen(self, turn: Turn, text: str) -> bool:
        """A number or a label of the choices last offered here; in groups only as a reply to them."""
        if not (turn.incoming.private or turn.incoming.reply_to):
            return False
        sent_id = "" if turn.incoming.private else turn.incoming.reply_to
        offered = outbox.last_offer(turn.tx, turn.incoming.chat, turn.now, sent_id)
        choice = picked(text, offered.choices) if offered and len(text) <= LONGEST_LABEL else None
        if offered is None or choice is None:
            return offered is not None and self._worded_choice(turn, offered, text)
        if not may_press(turn, offered, choice):
            return False
        self._choose(turn, choice)
        return True

    def _worded_choice(self, turn: Turn, offered: Offer, text: str) -> bool:
        """An answer in words of one's own: how a debate went, or a reply to what takes any words."""
        told = in_own_words(turn, offered.choices, text) if turn.incoming.private else ""
        if told and may_press(turn, offered, offered.choices[0]):
            self._command(turn, told[1:])
            return True
        opens = [one.sentence for one in offered.choices if GAP in one.sentence]
        if not opens or not turn.incoming.reply_to or text.endswith("?"):
            return False
        self._command(turn, opens[0][1:].replace(GAP, text, 1))
        return True

    def _continued(self, turn: Turn, text: str) -> bool:
        """An answer to what a form asked for, put into the gap of the sentence so far."""
        so_far = turn.form
        if so_far is None or _is_aside(so_far, text, turn.language):
            return False
        if self._is_command(turn, so_far, text):
            self._begun_anew(turn, text)
            return False
        turn.close_form()
        if folded(text) in CANCEL and so_far.startswith(ADDING):
            self._command(turn, so_far.replace(GAP, ""))
        elif folded(text) in CANCEL:
            if not draft_said.stay(turn, so_far):
                turn.say("form.cancelled")
        else:
            self._command(turn, so_far.replace(GAP, text, 1))
        return True

    def _is_command(self, turn: Turn, so_far: str, text: str) -> bool:
        """Whether words are a whole command instead of the answer: "bericht 2.2 vertagt"."""
        word, rest = self.commands.split(text)
        command = self.commands.get(word)
        if command is None or (rest and (so_far.startswith(ANY_WORDS) or command.name in ANSWERS)):
            return False
        return not rest or command.fits(turn, rest)

    def _worded(self, turn: Turn, text: str) -> bool:
        """A command said without its sign: in private, when what follows fits it."""
        if not turn.incoming.private:
            return False
        word, rest = self.commands.split(text)
        command = self.commands.get(word)
        if command is None or not command.fits(turn, rest):
            return False
        self._run(turn, command, rest)
        return True

    def _command(self, turn: Turn, text: str) -> None:
        word, rest = self.commands.split(text)
        command = self.commands.get(word)
        if command is not None:
            self._run(turn, command, rest)
        elif folded(text) in CANCEL and turn.incoming.private:
            if not self._continued(turn, text):
                self._nothing_open(turn)
        elif turn.incoming.private:
            self._unknown(turn, word)

    def _run(self, turn: Turn, command: Command, rest: str) -> None:
        if rights.allows(command.name, turn.standing):
            command.handle(turn, rest)
        else:
            self._refuse(turn, command.name)

    def _refuse(self, turn: Turn, name: str) -> None:
        cell = rights.needed(name, turn.standing.where)
        if cell == "-" and rights.needed(name, Place.PRIVATE) != "-":
            reason = "foreign" if rights.needed(name, Place.GROUP) != "-" else "private"
        else:
            reason = "nowhere" if cell == "-" else f"needs_{cell}"
        if turn.incoming.press is not None:
            # Only who pressed needs to know.
            turn.refused = turn.label(f"refuse.{reason}", command=name)
        else:
            turn.say(f"refuse.{reason}", command=name)

    def _unknown(self, turn: Turn, word: str) -> None:
        allowed = [name for name in self.commands.names if self._allowed(turn, name)]
        near = nearest(folded(word), allowed, 2)
        if near is None:
            turn.say("reply.unknown_command", command=word[:40])
        else:
            turn.say("reply.perhaps_command", command=word[:40], meant=near)

    def _allowed(self, turn: Turn, name: str) -> bool:
        command = self.commands.get(name)
        return command is not None and rights.allows(command.name, turn.standing)

    def _empty(self, turn: Turn) -> None:
        """Nothing to read: in a group a picture or a voice message is for the others."""
        seen = turn.incoming.wordless or turn.incoming.file is not None
        if (turn.incoming.private or not seen) and not (self._drafts(turn) and self._attached(turn)):
            turn.say("reply.only_text" if seen else "reply.empty")

    @staticmethod
    def _drafts(turn: Turn) -> bool:
        """Whether this person may be writing a broadcast here."""
        return rights.allows("rundruf", turn.standing)

    @staticmethod
    def _attached(turn: Turn, words: str = "") -> bool:
        return turn.incoming.file is not None and draft_said.attach(turn, words)


def _is_aside(so_far: str, text: str, language: str) -> bool:
    """Whether words are no answer to what was asked: a question, thanks, a greeting."""
    if folded(text) in CANCEL or so_far.startswith(ANY_WORDS):
        return False
    if so_far.startswith(OFFERED):
        return True
    return bool(QUESTION.match(text) or (smalltalk(text, language) and not so_far.startswith(ADDING)))
