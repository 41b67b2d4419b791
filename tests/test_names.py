"""People in lists have the names their platform gives them, looked up when the message goes out."""

from bot.markup import escape, plain
from bot.names import MOST_LOOKED_UP, marked, with_names
from store.messages import ChatRef, Outgoing

CHAT = ChatRef("telegram", "1")


def outgoing(body: str) -> Outgoing:
    return Outgoing("k", CHAT, body)


async def mia(person: str) -> str:
    return "Mia *K.* [x](https://boese.example)" if person == "telegram:7" else ""


async def test_a_name_stands_before_the_id_and_is_no_markup() -> None:
    named = await with_names(outgoing(f"- {marked('telegram:7')} – Vertretung"), mia)
    assert plain(named.body) == "- Mia *K.* [x](https://boese.example) (telegram:7) – Vertretung"


async def test_who_has_no_name_is_shown_by_id() -> None:
    assert (
        plain((await with_names(outgoing(marked("matrix:@a:b.example")), mia)).body) == "matrix:@a:b.example"
    )


def test_where_nothing_is_looked_up_the_id_is_shown() -> None:
    assert plain(f"- {marked('terminal:a_b*c')}") == "- terminal:a_b*c"


async def test_nobody_writes_a_mark() -> None:
    forged = escape("[telegram:7](person:)")
    assert (await with_names(outgoing(forged), mia)).body == forged
    assert "person:" not in plain((await with_names(outgoing(marked("x]y[")), mia)).body)


async def test_a_long_list_asks_for_few_names() -> None:
    asked: list[str] = []

    async def note(person: str) -> str:
        asked.append(person)
        return ""

    body = "\n".join(f"- {marked(f'telegram:{number}')}" for number in range(200))
    assert "telegram:199" in (await with_names(outgoing(body), note)).body
    assert len(asked) == MOST_LOOKED_UP
