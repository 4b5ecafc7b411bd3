"""The verb read: text, field value, number, table, list, link, attribute."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

from operator_agent.flow.action import Read
from operator_agent.surfaces.browser.located import find
from operator_agent.surfaces.browser.turn import Hindered, Turn

_SPAN = 200
"""Characters of the source text that are kept as evidence."""

_READ = """(element, {what, attribute}) => {
  const text = node => (node.innerText ?? node.textContent ?? '').replace(/[^\\S\\n]+/g, ' ').replace(/ *\\n+ */g, '\\n').trim();
  const flat = node => text(node).replace(/\\s+/g, ' ');
  const shown = node => {
    if (node.localName === 'select') return [...node.selectedOptions].map(option => option.label.trim()).join(', ');
    if (node.localName === 'input' && ['checkbox', 'radio'].includes(node.type)) return String(node.checked);
    if ('value' in node && typeof node.value === 'string' && node.localName !== 'button') return node.value;
    return node.getAttribute('aria-valuetext') ?? node.getAttribute('aria-valuenow') ?? text(node);
  };
  const all = (node, tags) => [...node.querySelectorAll(tags)];
  const table = () => {
    const root = element.closest('table,[role=table],[role=grid],[role=treegrid]') || element.querySelector('table,[role=table],[role=grid],[role=treegrid]');
    if (!root) return null;
    const own = node => node.closest('table,[role=table],[role=grid],[role=treegrid]') === root;
    const cells = row => row.cells ? [...row.cells] : all(row, '[role=cell],[role=gridcell],[role=columnheader],[role=rowheader]');
    const isHead = cell => cell.localName === 'th' || cell.getAttribute('role') === 'columnheader';
    const rows = all(root, 'tr,[role=row]').filter(own).filter(row => cells(row).length);
    const grid = [], spans = [];
    for (const row of rows) {
      const line = [];
      for (const cell of cells(row)) {
        while (spans[line.length]?.left > 0) { spans[line.length].left--; line.push(spans[line.length].cell); }
        for (let i = 0; i < (cell.colSpan || 1); i++) {
          if (cell.rowSpan > 1) spans[line.length] = {left: cell.rowSpan - 1, cell};
          line.push(cell);
        }
      }
      while (spans[line.length]?.left > 0) { spans[line.length].left--; line.push(spans[line.length].cell); }
      grid.push(line);
    }
    const head = grid.findIndex(line => line.every(isHead));
    const width = Math.max(0, ...grid.map(line => line.length));
    const names = [];
    for (let i = 0; i < width; i++) {
      const name = head >= 0 && grid[head][i] ? flat(grid[head][i]) || `column ${i + 1}` : `column ${i + 1}`;
      names.push(names.includes(name) ? `${name} (${i + 1})` : name);
    }
    return grid.filter((line, index) => index !== head && !(index < head)).map(line => Object.fromEntries(line.map((cell, i) => [names[i], flat(cell) || shown(cell)])));
  };
  const list = () => {
    const kinds = 'li,[role=listitem],[role=option],[role=treeitem],[role=menuitem],dt,dd';
    const root = element.localName === 'select' ? null : element;
    if (!root) return [...element.options].map(option => option.label.trim());
    const items = all(root, kinds).filter(item => !item.parentElement.closest(kinds) || !root.contains(item.parentElement.closest(kinds)));
    return items.length ? items.map(flat) : null;
  };
  const link = () => {
    const anchor = element.closest('a[href],area[href]') || element.querySelector('a[href],area[href]');
    return anchor ? anchor.href : element.currentSrc || element.src || null;
  };
  const read = {text: () => text(element) || shown(element), value: () => shown(element), number: () => text(element) || shown(element), table, list, link,
    attribute: () => element.getAttribute(attribute)};
  return {value: read[what](), span: flat(element) || shown(element), url: document.URL, password: element.type === 'password'};
}"""


_NUMBER = re.compile(r"(?P<sign>[-−(]?\s*)[^\d\s.,]{0,3}\s*(?P<digits>\d(?:[\d.,'\u2019\s]*\d)?)")


def number_in(text: str) -> str | None:
    """The first number in `text`, with a point for decimals and no grouping: `€ 1.234,50` → `1234.50`."""
    found = _NUMBER.search(text)
    if found is None:
        return None
    digits = re.split(r"\s(?!\d{3}(?!\d))", found["digits"])[0]
    digits = re.sub(r"[\s'\u2019]", "", digits)
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        whole, mark, rest = digits[:last], digits[last], digits[last + 1 :]
        # One mark before exactly three digits groups thousands, unless another kind of mark has done that already.
        grouped = len(rest) == 3 and whole.strip("0") != "" and (mark == "," or whole.count(mark) > 0) and (set(whole) & set(".,")) <= {mark}
        whole = re.sub(r"[.,]", "", whole)
        digits = whole + rest if grouped else f"{whole}.{rest}"
    negative = found["sign"].strip() in ("-", "−", "(")
    return f"-{digits}" if negative else digits


async def read(turn: Turn) -> None:
    """Leaves the value in `turn.value` and where it was read in `turn.source`. Raises Hindered when there is no such value."""
    assert isinstance(turn.action, Read)
    element = turn.element()
    what, _, attribute = turn.action.what.partition(" ")
    if what not in ("text", "value", "number", "table", "list", "link", "attribute") or (what == "attribute") != bool(attribute):
        raise Hindered("unsupported", f'nothing can be read as "{turn.action.what}"')
    turn.settles = False
    seen: dict[str, Any] = await (await find(turn, element)).evaluate(_READ, {"what": what, "attribute": attribute})
    value = seen["value"]
    if value is None:
        raise Hindered("rejected", f"{element} has no {turn.action.what}")
    if what == "link":
        value = urljoin(seen["url"], value)
    if what == "number":
        value = number_in(value)
        if value is None:
            raise Hindered("rejected", f'{element} shows no number: "{seen["span"][:60]}"')
    turn.value = value
    turn.source = f"{seen['url']}: {seen['span'][:_SPAN]}"
