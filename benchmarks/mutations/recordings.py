"""Small applications with a plan each, and what a designer might call its key control next year.

Each control that matters carries `data-is`, which the page's first script takes away before anything is looked at: the witness
knows a control by it whatever becomes of its markup, its name and its place, and nobody else does.
"""

from __future__ import annotations

from typing import NamedTuple


class Recording(NamedTuple):
    """One application and the plan that was recorded on it. `key` is the control the mutations are about."""

    name: str
    page: str
    plan: str
    key: str
    acts: tuple[str, ...]
    """The controls the plan acts on: a click or an input anywhere else is a wrong one."""
    mild: str
    """The key's name with words more or less that change nothing of what it says."""
    synonym: str
    odd: str
    """Another name that no word list holds."""
    icon: str
    lookalike: str
    """A name that reads alike and means something else."""
    rival: str
    """Another synonym, for a decoy."""
    foreign: dict[str, str]
    """The page's texts in another language."""
    settled: str = ""
    """A script that brings about what the key's step is for, when a page can come to that without it."""


PROFILE = Recording(
    name="profile",
    page="""<h1>Settings</h1><nav aria-label="Sections"><a href="#billing">Billing</a> <a href="#team">Team</a></nav>
<main><section aria-labelledby=h1><h2 id=h1>Profile</h2><form class=unit aria-label="Profile" onsubmit="return false">
<label>Name <input data-is=name></label><label>City <input data-is=city></label>
<button type=button data-is=cancel>Cancel</button> <button type=button data-is=key>Save</button></form></section>
<section><h2>Newsletter</h2><form aria-label="Newsletter" onsubmit="return false"><label>Mail <input data-is=mail></label>
<button type=button data-is=subscribe>Subscribe</button></form></section><p role=status aria-label=Result></p></main>
<script>on('key', () => say('Saved ' + value('name')));</script>""",
    plan="""
plan: save the profile
steps:
  - {fill: 'textbox "Name"', with: Ada}
  - {fill: 'textbox "City"', with: Turin}
  - {click: 'button "Save"', expect: 'status "Result": Saved Ada'}
done: [text: Saved Ada]
""",
    key="key", acts=("name", "city", "key"), mild="Save changes", synonym="Apply", odd="Commit to the ledger", icon="💾",
    lookalike="Save as template", rival="Store",
    foreign={
        "Settings": "Einstellungen", "Profile": "Profil", "Name": "Name", "City": "Ort", "Cancel": "Abbrechen", "Save": "Speichern",
        "Subscribe": "Abonnieren", "Billing": "Abrechnung", "Mail": "E-Mail",
    },
)  # fmt: skip

DRINKS = Recording(
    name="drinks",
    page="""<h1>Drinks</h1><main><ul aria-label="Menu" class=list>
<li><b>Espresso</b> <span>€ 2.20</span> <button data-is=espresso>Add</button></li>
<li class=unit><b>Latte</b> <span>€ 3.40</span> <button data-is=key>Add</button></li>
<li><b>Mocha</b> <span>€ 3.90</span> <button data-is=mocha>Add</button></li>
<li><b>Tea</b> <span>€ 2.00</span> <button data-is=tea>Add</button></li></ul>
<p role=status aria-label=Result></p><p><button data-is=checkout>Checkout</button></p></main>
<script>on('key', () => say('1 latte in the basket')); on('mocha', () => say('1 mocha in the basket'));</script>""",
    plan="""
plan: a latte
steps:
  - {click: 'button "Add" in listitem "Latte"', expect: 'status "Result": 1 latte in the basket'}
""",
    key="key", acts=("key",), mild="Add it", synonym="Put in basket", odd="Fancy this", icon="+", lookalike="Add to favourites",
    rival="Add to cart",
    foreign={"Drinks": "Getränke", "Add": "Hinzufügen", "Latte": "Milchkaffee", "Tea": "Tee", "Checkout": "Zur Kasse"},
)  # fmt: skip

COUNTED = DRINKS._replace(
    name="counted",
    plan="""
plan: the second one
steps:
  - {click: 'button "Add" (2)', expect: 'status "Result": 1 latte in the basket'}
""",
)

SEARCH = Recording(
    name="search",
    page="""<header><h1>Library</h1><form role=search class=unit aria-label="Catalogue" onsubmit="return false">
<input type=search data-is=query aria-label="Search the catalogue" placeholder="Title or author">
<button type=button data-is=key>Search</button> <button type=button data-is=reset>Reset</button></form></header>
<main><h2>News</h2><p>Open late on Thursdays.</p><a href="#visit" data-is=visit>Plan a visit</a>
<p role=status aria-label=Result></p></main>
<script>on('key', () => say('3 books for ' + value('query')));</script>""",
    plan="""
plan: look for books
steps:
  - {fill: 'searchbox "Search the catalogue"', with: compilers}
  - {click: 'button "Search"', expect: 'status "Result": 3 books for compilers'}
done: [text: 3 books for compilers]
""",
    key="key", acts=("query", "key"), mild="Search now", synonym="Find", odd="Off we go", icon="🔍", lookalike="Search settings",
    rival="Look up",
    foreign={
        "Library": "Bibliothèque", "Search": "Rechercher", "Reset": "Réinitialiser", "News": "Actualités",
        "Search the catalogue": "Rechercher", "Plan a visit": "Préparer une visite",
    },
)  # fmt: skip

NOTES = Recording(
    name="notes",
    page="""<h1>Notes</h1><main><div role=toolbar aria-label="Tools"><button data-is=new>New note</button>
<button data-is=export>Export</button></div><ul aria-label="All notes"><li>Milk</li></ul>
<div role=dialog class=unit aria-label="New note" hidden><h2>New note</h2><label>Title <input data-is=title></label>
<button data-is=key>Create</button> <button data-is=close>Close</button></div><p role=status aria-label=Result></p></main>
<script>on('new', () => document.querySelector('[role=dialog]').hidden = false);
on('key', () => { say('Created ' + value('title')); document.querySelector('[role=dialog]').hidden = true; });</script>""",
    plan="""
plan: write a note
steps:
  - {click: 'button "New note"', expect: 'dialog "New note"'}
  - {fill: 'textbox "Title"', with: Bread}
  - {click: 'button "Create"', expect: 'status "Result": Created Bread'}
done: [text: Created Bread]
""",
    key="key", acts=("new", "title", "key"), mild="Create note", synonym="Add", odd="Scribble away", icon="➕",
    lookalike="Create and publish", rival="New",
    foreign={
        "Notes": "Notas", "New note": "Nueva nota", "Title": "Título", "Create": "Crear", "Close": "Cerrar", "Export": "Exportar",
    },
)  # fmt: skip

MEMBERS = Recording(
    name="members",
    page="""<h1>Members</h1><main><table class=list><tr><th>Name</th><th>Role</th><th>Act</th></tr>
<tr><td>Ada</td><td>Admin</td><td><button data-is=ada>Delete</button></td></tr>
<tr class=unit><td>Bob</td><td>Guest</td><td><button data-is=key>Delete</button></td></tr>
<tr><td>Cyd</td><td>Guest</td><td><button data-is=cyd>Delete</button></td></tr></table><p role=status aria-label=Result></p></main>
<script>on('key', () => say('Bob was deleted'));</script>""",
    plan="""
plan: Bob leaves
steps:
  - {click: 'button "Delete" in row "Bob"', expect: 'status "Result": Bob was deleted'}
""",
    key="key", acts=("key",), mild="Delete now", synonym="Remove", odd="Send packing", icon="🗑", lookalike="Delete messages",
    rival="Erase", foreign={"Members": "Mitglieder", "Delete": "Löschen", "Role": "Rolle", "Guest": "Gast"},
)  # fmt: skip

CONSENT = Recording(
    name="consent",
    page="""<div role=dialog class=unit aria-label="Cookies"><p>We would like to set cookies.</p>
<button data-is=all>Accept all</button> <button data-is=key>Reject</button></div><h1>Rooms</h1><main>
<label>Beds <select data-is=beds><option>1<option>2<option>3</select></label><button data-is=book>Check rooms</button>
<p role=status aria-label=Result></p></main>
<script>on('key', () => document.querySelector('[role=dialog]').hidden = true);
on('book', () => say('Rooms with ' + value('beds') + ' beds'));</script>""",
    plan="""
plan: look for a room
steps:
  - {click: 'button "Reject"', expect: 'gone: dialog "Cookies"'}
  - {select: 'combobox "Beds"', option: '2'}
  - {click: 'button "Check rooms"', expect: 'status "Result": Rooms with 2 beds'}
done: [text: Rooms with 2 beds]
""",
    key="key", acts=("key", "beds", "book"), mild="Reject it", synonym="Decline", odd="Rather not bother", icon="✕",
    lookalike="Reject some", rival="Refuse",
    foreign={"Cookies": "Cookies", "Accept all": "Tout accepter", "Reject": "Refuser", "Rooms": "Chambres", "Beds": "Lits"},
    settled="document.querySelector('[role=dialog]').remove()",
)  # fmt: skip

READING = Recording(
    name="reading",
    page="""<h1>Reports</h1><main><section><h2>This year</h2><ul class=list>
<li class=unit><a href="/reading/annual" data-is=key>Annual report</a></li>
<li><a href="/reading/budget" data-is=budget>Budget</a></li></ul></section>
<section><h2>Archive</h2>
<ul><li><a href="/reading/1999" data-is=old>Report of 1999</a></li></ul></section></main>""",
    plan="""
plan: open the report
steps:
  - {click: 'link "Annual report"', expect: 'heading "The annual report"'}
""",
    key="key", acts=("key",), mild="The annual report", synonym="Yearly report", odd="How we did", icon="📄",
    lookalike="Annual report draft", rival="Report for the year",
    foreign={"Reports": "Berichte", "Annual report": "Jahresbericht", "Budget": "Haushalt", "Archive": "Archiv"},
)  # fmt: skip

RECORDINGS = {one.name: one for one in (PROFILE, DRINKS, COUNTED, SEARCH, NOTES, MEMBERS, CONSENT, READING)}
