(element, {what, attribute}) => {
  const text = node => (node.innerText ?? node.textContent ?? '').replace(/[^\S\n]+/g, ' ').replace(/ *\n+ */g, '\n').trim();
  const flat = node => text(node).replace(/\s+/g, ' ');
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
}
