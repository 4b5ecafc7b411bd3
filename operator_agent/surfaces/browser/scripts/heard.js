(getEventListeners, kinds, x, y) => {
  let root = document, hit = null;
  for (;;) {
    hit = root.elementFromPoint(x, y);
    while (hit?.shadowRoot?.elementFromPoint(x, y) && hit.shadowRoot.elementFromPoint(x, y) !== hit) hit = hit.shadowRoot.elementFromPoint(x, y);
    if (hit?.localName !== 'iframe' || !hit.contentDocument) break;
    const rect = hit.getBoundingClientRect();
    x -= rect.left + hit.clientLeft; y -= rect.top + hit.clientTop; root = hit.contentDocument;
  }
  if (hit?.localName === 'iframe') return true;
  const heard = node => kinds.some(kind => getEventListeners(node)[kind]?.length);
  const above = node => node.assignedSlot || node.parentNode || node.host;
  for (let node = hit; node; node = above(node)) if (heard(node)) return true;
  if (!hit) return false;
  // Capturing listeners on the window are ours and Playwright's; pages delegate at the document, or on the way up.
  const onWindow = getEventListeners(hit.ownerDocument.defaultView);
  return kinds.some(kind => onWindow[kind]?.some(listener => !listener.useCapture));
}
