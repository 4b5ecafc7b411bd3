"""Requests to apps, on pages that behave like some: what the page then holds is what was asked for, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from operator_agent import Limits, Operator, Result
from tests.surfaces.browser.stage import chromium

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAY = "<script>window.done = []; window.say = text => done.push(text);</script>"

WALL = (
    SAY
    + """<style>#wall { height: 170px; overflow: auto } article, .note { height: 60px } i { display: inline-block; width: 14px; height: 14px;
cursor: pointer; background: #ccc } ul { list-style: none }</style><h1>Wall</h1><div id="wall"></div><button onclick="say('sent')">Done</button>
<script>
for (const [who, text] of [['Ann @ann', 'one'], ['Bob @bob', 'two'], ['Ann @ann', 'three'], ['Annabel @annabel', 'four'], ['Ann @ann', 'five'], ['Zoe @zoe', 'six']]) {
  const note = document.createElement('div'); note.className = 'note';
  note.innerHTML = `<div><b>${who}</b> · <span>2h</span></div><div>${text}</div><div class="bar"><i class="fa fa-reply"></i>
    <i class="fa fa-heart"></i> <span><i class="fa fa-ellipsis"></i><ul hidden><li>Report</li><li>Copy address</li></ul></span></div>`;
  note.querySelector('.fa-reply').onclick = () => say('reply ' + text);
  note.querySelector('.fa-heart').onclick = () => say('like ' + text);
  note.querySelector('.fa-ellipsis').onclick = () => note.querySelector('ul').hidden = false;
  for (const item of note.querySelectorAll('li')) item.onclick = () => say(item.textContent + ' ' + text);
  wall.append(note);
}
</script>"""
)

INBOX = (
    SAY
    + """<div id="list"></div><div id="mail" hidden></div><script>
let mails = [['Ann', 'Lunch'], ['Bob', 'Invoice'], ['Eve', 'Hello']];
const show = () => {
  list.innerHTML = '';
  for (const mail of mails) {
    const row = document.createElement('div'); row.style.cursor = 'pointer';
    row.innerHTML = `<span>${mail[0]}</span> <span>${mail[1]}</span> <button aria-label="Delete">x</button>`;
    row.querySelector('button').onclick = event => { event.stopPropagation(); say('deleted ' + mail[0]); mails = mails.filter(m => m !== mail); show(); };
    row.onclick = () => open(mail);
    list.append(row);
  }
};
const open = mail => {
  list.hidden = true; document.getElementById('mail').hidden = false;
  document.getElementById('mail').innerHTML = `<h2>${mail[1]}</h2><button id="r">Reply</button><button id="f">Forward</button><div id="write"></div>`;
  r.onclick = () => { write.innerHTML = '<textarea></textarea><button>Send</button>';
    write.querySelector('button').onclick = () => say(`to ${mail[0]}: ${write.querySelector('textarea').value}`); };
  f.onclick = () => { write.innerHTML = '<label>To: <input></label><button>Send</button>';
    write.querySelector('button').onclick = () => say(`${mail[1]} to ${write.querySelector('input').value}`); };
};
show();
</script>"""
)

BOOK = (
    SAY
    + """<div id="card"></div><button id="next">&gt;</button><script>
const people = ['Ann', 'Bob', 'Cleo', 'Dan']; let at = 0;
const show = () => card.innerHTML = `<h2>${people[at]}</h2><dl><dt>Phone</dt><dd><span role="link" tabindex="0" onclick="say('call ${people[at]}')">555-${at}000</span></dd>
  <dt>Email</dt><dd><span role="link" tabindex="0" onclick="say('mail ${people[at]}')">x${at}@mail.example</span></dd></dl>`;
next.onclick = () => { if (at < people.length - 1) at++; show(); };
show();
</script>"""
)

RESULTS = (
    SAY
    + """<ul id="hits"></ul><nav><button>1</button> <button>2</button> <button id="more">Next</button></nav><script>
let from = 0;
const show = () => { hits.innerHTML = ''; for (let i = from; i < Math.min(from + 3, 8); i++)
  hits.innerHTML += `<li><span role="link" tabindex="0" onclick="say('opened ${i + 1}')">Result about ${'abcdefgh'[i]}</span><p>Some words</p></li>`; };
more.onclick = () => { if (from + 3 < 8) from += 3; show(); };
show();
</script>"""
)

TABLE = """<table><tr><th>Person<th>Phone<th>Age</tr><tr><td>Bob<td>555-1<td>31</tr><tr><td>Amy<td>555-2<td>45</tr></table>
<dl><dt>Colour</dt><dd>teal</dd><dt>Size</dt><dd>XL</dd></dl><p>Weight: 12 kg</p>
<form onsubmit="return false"><label>Answer <input id="a"></label></form>"""

FORM = """<table><tr><td>Town<td>Oslo</tr><tr><td>Street<td>Main 1</tr><tr><td>Age<td>9</tr></table>
<div>Street: <input id="s"></div><div>Town: <input id="t"></div><button onclick="this.textContent = 'Done'">Submit</button>"""

TEXT = """<p>Lorem ipsum, dolor sit amet.</p><input id="a" aria-label="Answer"><button>Submit</button>"""

SUM = """<div><span>3</span> <span>x</span> <span>+</span> <span>4</span> <span>=</span> <span>19</span></div><input id="a"><button>OK</button>"""

OFFERS = (
    SAY
    + """<section>""" + "".join(
        f"""<div class="offer"><div><span>Leaves:</span> <b>{time}</b></div><div><span>Duration:</span> <b>{long}</b></div>
<div>Stops: {stops}</div><button onclick="say('{name}')">Take it for {price}</button></div>"""
        for name, time, long, stops, price in (
            ("a", "9:40 PM", "2h 5m", 1, "$310"), ("b", "6:15 AM", "13h 40m", 2, "$95"), ("c", "11:05 AM", "1h 55m", 0, "$1,200"),
        )
    ) + "</section>"
)  # fmt: skip

TRIP = (
    SAY
    + """<form id="f" onsubmit="return false"><label>Leaving from <input id="x" list="no"></label><label>Destination <input id="y"></label>
<button>Search</button></form><div id="offered" role="listbox"></div><div id="found"></div><script>
for (const field of [x, y]) field.oninput = () => setTimeout(() => {
  offered.innerHTML = '';
  for (const town of ['Oslo (OSL)', 'Rome (ROM)', 'Romeville (RVL)']) if (town.toLowerCase().includes(field.value.toLowerCase())) {
    const one = document.createElement('div'); one.setAttribute('role', 'option'); one.textContent = town;
    one.onclick = () => { field.value = town; offered.innerHTML = ''; }; offered.append(one);
  }
}, 120);
f.onsubmit = () => { found.innerHTML = ''; for (const [name, price] of [['late', 80], ['early', 60]])
  found.innerHTML += `<div><p>${x.value} to ${y.value}, ${name}</p><button onclick="say('${name} ' + x.value + y.value)">Book for $${price}</button></div>`; return false; };
</script>"""
)

COUNTER = (
    SAY
    + """<p id="n">-</p><button onclick="n.textContent = [8, 3, 12, 7, 4][i++ % 5]">Generate</button><button onclick="say(n.textContent)">Submit</button>
<script>let i = 0;</script>"""
)

PRICE = (
    SAY
    + """<p id="p">Price: $52.00</p><button onclick="say(p.textContent)">Buy</button><script>
const prices = ['$49.10', '$45.00', '$39.50', '$38.00', '$38.00']; let k = 0;
setInterval(() => p.textContent = 'Price: ' + prices[Math.min(k++, 4)], 400);</script>"""
)

SECRET = (
    SAY
    + """<input type="number" id="g"><button onclick="tell()">Try</button><p id="t">Guess!</p><script>
const tell = () => { say(g.value); t.textContent = +g.value === 37 ? 'Correct!' : +g.value < 37 ? 'Too low' : 'Your guess is too high'; };</script>"""
)

FOOD = (
    SAY
    + """<div id="menu"></div><button id="go">Order!</button><script>
const foods = [['Soup', 'vegan'], ['Bread', 'vegan'], ['Steak', 'meat'], ['Salad', 'vegan']];
for (const [food, kind] of foods) {
  const row = document.createElement('div'); row.dataset.food = food;
  row.innerHTML = `<div><b>${food}</b> <em>${kind}</em></div><div><button>-</button> <span>0</span> <button>+</button></div>`;
  const n = row.querySelector('span'), [less, more] = row.querySelectorAll('button');
  less.onclick = () => n.textContent = Math.max(0, n.textContent - 1); more.onclick = () => n.textContent = +n.textContent + 1;
  menu.append(row);
}
go.onclick = () => say([...menu.children].map(r => r.dataset.food + r.querySelector('span').textContent).join());
</script>"""
)

TILES = (
    SAY
    + """<div>""" + "".join(f'<button onclick="say({n}); this.remove()">{n}</button>' for n in (12, 3, 25, 7)) + "</div>"
)

PARITY = SAY + "<section>" + "".join(
    f"""<div><b>{n}</b> <button onclick="say('{n} odd')">Odd</button><button onclick="say('{n} even')">Even</button></div>"""
    for n in (4, 7, -3)
) + "</section><button onclick=\"say('handed in')\">Submit</button>"  # fmt: skip

BOARD = """<style>table { border-spacing: 0 } td { width: 40px; height: 40px; border: 1px solid; padding: 0 }</style><table id="b"></table><script>
window.done = [];
for (let r = 0; r < 3; r++) { const row = b.insertRow(); for (let c = 0; c < 3; c++) {
  const cell = row.insertCell(); cell.style.cursor = 'pointer'; cell.onclick = () => {
    if (cell.textContent) return; cell.textContent = 'X';
    const free = [...b.querySelectorAll('td')].filter(one => !one.textContent); if (free.length) free[0].textContent = 'O'; }; } }
window.winner = () => { const t = [...b.querySelectorAll('td')].map(c => c.textContent || ' ');
  for (const [i, j, k] of [[0,1,2],[3,4,5],[6,7,8],[0,3,6],[1,4,7],[2,5,8],[0,4,8],[2,4,6]]) if (t[i] !== ' ' && t[i] === t[j] && t[j] === t[k]) return t[i]; return ''; };
</script>"""

DONE = "done.join('|')"

CASES = [
    (WALL, "For the user @zoe, click on the Reply button", DONE, "reply six"),
    (WALL, 'Press the "Reply" icon on all posts by @ann, then press Done', DONE, "reply one|reply three|reply five|sent"),
    (WALL, "like 2 posts by @ann and press Done", DONE, "like one|like three|sent"),
    (WALL, "on the post by @bob, click Report", DONE, "Report two"),
    (INBOX, "delete the email from Bob", DONE, "deleted Bob"),
    (INBOX, 'Find the email by Eve and reply with the text "On my way"', DONE, "to Eve: On my way"),
    (INBOX, "forward the email from Ann to Dora", DONE, "Lunch to Dora"),
    (BOOK, "Find Cleo in the contact book and click on their email", DONE, "mail Cleo"),
    (RESULTS, "open the 7th result", DONE, "opened 7"),
    (TABLE, "Enter the phone of Amy into Answer", "a.value", "555-2"),
    (TABLE, "type Bob's age into the text field", "a.value", "31"),
    (TABLE, "put the value of Colour into the answer field", "a.value", "teal"),
    (TABLE, "enter the sum of the Age column into Answer", "a.value", "76"),
    (FORM, "Enter the value that corresponds with each label into the form and submit when done", "s.value + t.value", "Main 1Oslo"),
    (TEXT, "Find the 2nd word in the paragraph and type it into the box", "a.value", "ipsum"),
    (TEXT, "type the last word of the paragraph in uppercase into Answer", "a.value", "AMET"),
    (SUM, "Solve for x and type your answer into the textbox, then press OK", "a.value", "5"),
    (OFFERS, "Buy the ticket with the shortest duration", DONE, "c"),
    (OFFERS, "book the cheapest one", DONE, "b"),
    (OFFERS, "choose the earliest offer", DONE, "b"),
    (TRIP, "Book the cheapest trip from Oslo to Rome", DONE, "early Oslo (OSL)Rome (ROM)"),
    (COUNTER, "Generate an odd number less than 5, then press Submit", DONE, "3"),
    (COUNTER, "press Generate until the number is greater than 10 and press Submit", DONE, "12"),
    (PRICE, "Buy when the price is less than $40", DONE, "Price: $39.50"),
    (SECRET, "Guess the number between 1 and 50", "done.at(-1)", "37"),
    (FOOD, "Order one of each item: Soup, Steak", DONE, "Soup1,Bread0,Steak1,Salad0"),
    (FOOD, "order 4 items that are vegan", DONE, "Soup2,Bread1,Steak0,Salad1"),
    (FOOD, "add 2 Soup and 3 Salad, then press Order!", DONE, "Soup2,Bread0,Steak0,Salad3"),
    (TILES, "click the numbers in descending order", DONE, "25|12|7|3"),
    (PARITY, "Mark the numbers below as odd or even and press submit when done", DONE, "4 even|7 odd|-3 odd|handed in"),
    (BOARD, "Playing as 'X', win a game of tic-tac-toe.", "winner()", "X"),
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    page = await browser.new_page()
    yield page
    await page.close()


async def run(page: Page, text: str) -> Result:
    given = Operator(
        page=page, planners=("words",), record=False, learning=False, limits=Limits(steps=60, seconds=20), allow=["*"],
        approve=("send", "pay", "delete", "publish"),
    )  # fmt: skip
    async with given as op:
        return await op.run(text)


@pytest.mark.parametrize(("html", "text", "asked", "expected"), CASES, ids=[text[:45] for _, text, _, _ in CASES])
async def test_the_page_holds_what_was_asked_for(page: Page, html: str, text: str, asked: str, expected: Any) -> None:
    await page.set_content(html)
    result = await run(page, text)
    assert await page.evaluate(asked) == expected, result.reason


REFUSED = [
    (WALL, "press Reply on all posts by @nobody"),
    (WALL, "like 5 posts by @bob"),
    (INBOX, "delete the email from Nobody"),
    (TABLE, "Enter the value of Height into Answer"),
    (TEXT, "type the 40th word of the paragraph into Answer"),
    (OFFERS, "choose the highest rated offer"),
    (FOOD, "Order one of each item: Soup, Pizza"),
    (RESULTS, "open the 12th result"),
    (TILES, "what is the phone of Bob"),
]


@pytest.mark.parametrize(("html", "text"), REFUSED, ids=[text[:45] for _, text in REFUSED])
async def test_what_is_not_there_is_said(page: Page, html: str, text: str) -> None:
    await page.set_content(html)
    result = await run(page, text)
    assert result.outcome in ("needs_human", "failed", "incomplete"), result.reason
    assert result.reason


async def test_a_question_is_answered_from_where_it_stands(page: Page) -> None:
    await page.set_content(TABLE)
    result = await run(page, "what is the phone of Amy")
    assert (result.outcome, result.values["answer"]) == ("passed", "555-2")
    await page.set_content("<ul><li><h3>Lamp</h3><p>€ 19.90</p><button>Add</button></li><li><h3>Desk</h3><p>€ 80</p><button>Add</button></li></ul>")
    result = await run(page, "how much does the Lamp cost?")
    assert (result.outcome, result.values["answer"], result.answer) == ("passed", "€ 19.90", "€ 19.90")
