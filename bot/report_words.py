"""What people say around a report: to do something with it, to answer a question, to set it right."""

import re

from bot.outcomes import OUTCOMES
from bot.wish_words import ASKING

ACTION = re.compile(
    r"^(korrigieren|korrektur|berichtigen|(?:ä|ae)ndern|bearbeiten|zur(?:ü|ue)ck(?:ziehen|nehmen)?|l(?:ö|oe)schen"
    r"|entfernen|verlauf|speichern|nein|doch|dazu|ergänzen)\b:?\s*(?:(?:nr\.?\s*|#)?(\d{1,9})(?!\S))?\s*",
    re.IGNORECASE,
)
# What a question after a debate puts in front: "Termin 17 (2.1) beschlossen", the measure if none is said.
ABOUT = re.compile(
    r"^termin\s+(?:nr\.?\s*|#)?(\d{1,9})\b[\s:,]*(?:\((?P<measure>\d\.\d)\)\s*)?", re.IGNORECASE
)
# The first choice of that question.
OUTCOME_HINTS = ("hint.outcome_open", "hint.outcomes_mixed")
ASKED = re.compile(
    rf"/bericht Termin (?P<debate>\d+) (?P<place>.*?)(?P<measure> \d\.\d)? {re.escape(OUTCOMES[0].name)}"
)
UNKNOWN = re.compile(
    r"^(?:ich (?:war|bin) [^,]{2,20}, )?(?:ich )?wei(?:ß|ss)\b.{0,12}\bnicht\W*$|^keine ahnung\W*$"
    r"|^(?:bitte )?frag\w* .{0,12}\bander\w*\W*$"
    r"|^(?:ich )?(?:war|konnte) (?:leider )?nicht (?:da|dabei|dort|hin|kommen)(?: sein)?\W*$"
    r"|^(?:no idea|(?:i )?don'?t know|(?:i )?was not there)\W*$",
    re.IGNORECASE,
)
# Whoever asks is not reporting.
QUESTION = re.compile(
    rf"{ASKING.pattern}|^(?:hat|ist|sind|wurde|kann|gibt|sollte?|has|is|was|can)\b",
    re.IGNORECASE,
)
# A longer text about a measure is no report, unless it says which.
LONGEST_OFFERED = 200
# The first choice below a report that was kept, and what is said when something about it is wrong.
KEPT = re.compile(r"/bericht korrigieren (\d+)")
WRONG = re.compile(
    r"(?:(?:nein|nee|nö|ne|falsch|sorry|quatsch|ups|oh|ach|halt|stopp?|moment"
    r"|(?:das )?stimmt nicht|mist|korrektur|korrigier\w*|berichtig\w*|doch|no|wrong)"
    r"\b[\s,.!:–-]*)+|(?=.*\b(?:meinte|gemeint|es waren|(?:sollte|muss|müsste) .{1,30} (?:sein|heißen))\b"
    r"|.*\b(?:sorry|ups|vertippt|verschrieben)\W*$)",
    re.IGNORECASE,
)
BY_NAME = re.compile(r"(?:korrigier|berichtig)", re.IGNORECASE)
ADDED = re.compile(
    r"(?:als |bitte )?(?:erg(?:ä|ae)nzung|ergänzen?|nachtrag|zusatz|dazu noch|noch dazu)\b[\s:,-]*",
    re.IGNORECASE,
)
MEANT = re.compile(
    r"\b(?:(?:meinte|meine) ich|ich (?:meinte|meine)|(?:war|ist) gemeint|sollte|muss|müsste|sein|heißen"
    r"|sorry|ups|vertippt|verschrieben)\b[\s,]*",
    re.IGNORECASE,
)
GONE = re.compile(
    r"(?:(?:das |den |doch |wieder |bitte )*(?:l(?:ö|oe)schen?|streichen?|(?:weg|raus)(?: damit)?"
    r"|r(?:ü|ue)ckg(?:ä|ae)ngig"
    r"|raus(?:nehmen|löschen)|nimm (?:das )?(?:wieder )?(?:raus|zurück))(?: bitte| wieder)*\b\W*)?"
    r"(?:(?:das )?(?:war|ist) (?:leider )?nicht ?(?:ö|oe)ffentlich\W*)?",
    re.IGNORECASE,
)
ALSO = re.compile(
    r"\b(?:auch|ebenfalls|ebenso|genauso|dasselbe|das ?gleiche|gleiches|too|as well)\b", re.IGNORECASE
)
# What a report may be about, where no measure is named.
TOPIC = re.compile(
    r"frauenh(?:a|ä|ae)us|beratungsstelle|schutzwohnung|gleichstellung|koordinierungsstelle"
    r"|pr(?:ä|ae)ventionsr|t(?:ä|ae)terarbeit",
    re.IGNORECASE,
)
