(element, {text, force}) => {
  // Where the first and the last character of `text` in `element` are (of all its text when that is ""); whole words before parts.
  // In a field, or with `force`, it is selected at once. Gives what is selected as `selected`.
  if (!element.isConnected) return {state: 'gone'};
  const plain = text.replace(/\s+/g, ' ').trim();
  const place = shown => {
    if (!plain) return shown.length ? [0, shown.length] : null;
    let part = null;
    for (let at = shown.indexOf(plain); at >= 0; at = shown.indexOf(plain, at + 1)) {
      const whole = !/\w/.test(shown[at - 1] || '') && !/\w/.test(shown[at + plain.length] || '');
      if (whole) return [at, at + plain.length];
      part = part || [at, at + plain.length];
    }
    return part;
  };
  if ('value' in element && 'setSelectionRange' in element) {
    const found = place(element.value);
    if (!found) return {state: 'absent'};
    element.focus();
    element.setSelectionRange(...found);
    return {state: 'done', selected: element.value.slice(...found)};
  }
  const spots = [], walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let shown = '';
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement?.checkVisibility({checkVisibilityCSS: true})) continue;
    for (let at = 0; at < node.data.length; at++) {
      const space = /\s/.test(node.data[at]);
      if (space && (!shown || shown.endsWith(' '))) continue;
      shown += space ? ' ' : node.data[at];
      spots.push([node, at]);
    }
  }
  while (shown.endsWith(' ')) { shown = shown.slice(0, -1); spots.pop(); }
  const found = place(shown);
  if (!found) return {state: 'absent'};
  const [first, last] = [spots[found[0]], spots[found[1] - 1]];
  if (force) {
    element.closest('[contenteditable]')?.focus();
    getSelection().setBaseAndExtent(first[0], first[1], last[0], last[1] + 1);
    return {state: 'done', selected: getSelection().toString()};
  }
  const rect = ([node, at]) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return range.getBoundingClientRect();
  };
  first[0].parentElement.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
  const [start, end] = [rect(first), rect(last)];
  return {state: 'ready', wanted: shown.slice(...found),
    from: [start.left, start.top + start.height / 2], to: [end.right, end.top + end.height / 2]};
}
