(secrets, masked) => {
  const hidden = [];
  const add = rects => { for (const rect of rects) if (rect.width && rect.height) hidden.push([rect.left, rect.top, rect.width, rect.height]); };
  const holds = text => secrets.some(secret => text.includes(secret));
  const look = (root, dx, dy) => {
    const shift = rects => [...rects].map(rect => ({left: rect.left + dx, top: rect.top + dy, width: rect.width, height: rect.height}));
    for (const field of root.querySelectorAll('input,textarea')) if (field.type === 'password' || holds(field.value)) add(shift([field.getBoundingClientRect()]));
    for (const node of root.querySelectorAll('*')) if (node.shadowRoot) look(node.shadowRoot, dx, dy);
    for (const frame of root.querySelectorAll('iframe')) {
      let inner = null;
      try { inner = frame.contentDocument; } catch { inner = null; }
      const rect = frame.getBoundingClientRect();
      if (inner) look(inner, dx + rect.left + frame.clientLeft, dy + rect.top + frame.clientTop);
      else if (masked) add(shift([rect]));
    }
    if (!secrets.length) return;
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) if (holds(node.data)) {
      const range = document.createRange();
      range.selectNodeContents(node);
      add(shift(range.getClientRects()));
    }
  };
  look(document, 0, 0);
  const page = document.scrollingElement || document.documentElement;
  const place = [scrollX, scrollY, page.scrollWidth, page.scrollHeight];
  return {width: innerWidth, height: innerHeight, hidden, place};
}
