"""What may become of a page between the recording and its replay, as scripts that change the page before it is first looked at.

In each, `K` is the key control, `U` the form, row, card or dialog it stands in, `W` its words (`recordings.Recording`), and
`copy(text)` a control like K that is not K: it has no handler, and the witness calls it a decoy.
"""

from __future__ import annotations

_PLACED = "const other = document.createElement('section'); other.innerHTML = '<h2>Weekly letter</h2>'; main().{how}(other);"
_OTHER = _PLACED.format(how="append")
_OTHER_FIRST = _PLACED.format(how="prepend")

HARMLESS = {
    "none": "",
    "ids and classes": "all('*').forEach((e, i) => { e.id = 'x' + i; e.className = 'y' + i; });",
    "wrapper divs": "all('button,input,a,b,select').forEach(e => { const w = document.createElement('div'); e.before(w); "
    "w.append(e); });",
    "extra section": _OTHER_FIRST + "other.insertAdjacentHTML('beforeend', '<p>News of the week</p><a href=#more>More</a>');",
    "moved up": "U.prepend(K);",
}
"""The locator still resolves, and rightly."""

CHANGED = {
    "moved out": "main().append(K);",
    "mild": "rename(W.mild);",
    "synonym": "rename(W.synonym);",
    "odd name": "rename(W.odd);",
    "icon": "rename(W.icon);",
    "icon without text": "K.innerHTML = '<svg width=16 height=16><rect width=16 height=16 /></svg>';",
    "other role": "K.setAttribute('role', K.tagName == 'A' ? 'button' : 'link'); K.tabIndex = 0;",
    "other language": "translate();",
    "list reordered": "const l = all('.list')[0] || U; [...l.children].reverse().forEach(e => l.append(e));",
    "list reordered below its head": "const l = (all('.list tbody')[0] || all('.list')[0] || U), [h, ...r] = l.children; "
    "l.append(...r.reverse());",
    "not needed": "if (W.settled) eval(W.settled); else K.remove();",
    "asks again": "confirming();",
    "disabled": "K.disabled = true; K.setAttribute('aria-disabled', 'true');",
}

HOSTILE = {
    "removed": "K.remove();",
    "all of it removed": "U.remove();",
    "decoy before": _OTHER_FIRST + "other.append(copy());",
    "decoy after": _OTHER + "other.append(copy());",
    "decoy beside": "K.after(copy());",
    "removed, decoy elsewhere": _OTHER + "other.append(copy()); K.remove();",
    "removed, decoy in a form elsewhere": "K.remove(); main().insertAdjacentHTML('beforeend', '<form aria-label=Survey></form>');"
    "main().lastElementChild.append(copy());",
    "odd name, decoy elsewhere": _OTHER + "other.append(copy()); rename(W.odd);",
    "odd name, decoy before": _OTHER_FIRST + "other.append(copy()); rename(W.odd);",
    "odd name, synonym beside": "K.after(copy(W.synonym)); rename(W.odd);",
    "synonym, rival elsewhere": _OTHER + "other.append(copy(W.rival)); rename(W.synonym);",
    "synonym, rival beside": "K.before(copy(W.rival)); rename(W.synonym);",
    "removed, synonym elsewhere": _OTHER + "other.append(copy(W.synonym)); K.remove();",
    "replaced by another function": "K.before(copy('Start free trial')); K.remove();",
    "replaced by a look-alike": "K.before(copy(W.lookalike)); K.remove();",
    "look-alike before, odd name": "K.before(copy(W.lookalike)); rename(W.odd);",
    "replaced by its opposite": "K.before(copy('Discard')); K.remove();",
    "replaced by a nameless one": "K.before(copy(' ')); K.remove();",
}
"""Where the locator is gone, or what it names is not what was meant."""

MUTATIONS = {**HARMLESS, **CHANGED, **HOSTILE}

FIRST = """
const known = new WeakMap(), here = new Map();
function on(name, act) { here.get(name).addEventListener('click', act); }
function value(name) { return here.get(name).value; }
function say(text) { document.querySelector('[role=status]').textContent = text; }
function learn() {
  for (const e of document.querySelectorAll('[data-is]')) {
    known.set(e, e.dataset.is);
    here.set(e.dataset.is, e);
    e.removeAttribute('data-is');
  }
}
function tell(event) {
  if (!event.isTrusted) return;
  let at = event.target, is = '';
  while (at && !is) { is = known.get(at) || ''; at = at.parentElement; }
  const label = event.target.closest('label'), control = label && label.querySelector('input,select');
  if (!is && control) is = known.get(control) || '';
  const call = new XMLHttpRequest();
  call.open('POST', '/witness', false);
  call.send(JSON.stringify({act: event.type, is: is || 'other', name: event.target.textContent.trim().slice(0, 40)}));
}
addEventListener('click', tell, true);
addEventListener('input', tell, true);
"""

LAST = """
const all = s => [...document.body.querySelectorAll(s)], main = () => document.querySelector('main');
const K = here.get(W.key), U = K.closest('.unit');
function rename(text) { K.textContent = text; }
function copy(text) {
  const e = K.cloneNode(true);
  if (text !== undefined) e.textContent = text;
  if (e.tagName == 'A') e.href = '#decoy';
  known.set(e, 'decoy');
  return e;
}
function translate() {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode, text = node.data.trim();
    if (W.foreign[text]) node.data = node.data.replace(text, W.foreign[text]);
  }
  all('[aria-label]').forEach(e => { if (W.foreign[e.ariaLabel]) e.ariaLabel = W.foreign[e.ariaLabel]; });
}
function confirming() {
  K.addEventListener('click', event => {
    event.stopImmediatePropagation(); event.preventDefault();
    const asks = '<div role=dialog aria-label="Sure?"><p>Are you sure?</p><button>Yes</button> <button>No</button></div>';
    document.body.insertAdjacentHTML('beforeend', asks);
  }, {capture: true, once: true});
}
"""
