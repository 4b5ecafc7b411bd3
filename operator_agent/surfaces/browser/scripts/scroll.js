(element, {direction}) => {
  const room = (node, style) => /(auto|scroll|overlay)/.test(style.overflowY + style.overflowX) &&
    (node.scrollHeight > node.clientHeight + 1 || node.scrollWidth > node.clientWidth + 1);
  const above = node => node.assignedSlot || node.parentElement || (node.getRootNode() instanceof ShadowRoot ? node.getRootNode().host : null);
  let box = document.scrollingElement || document.documentElement;
  if (element && element !== document.body && element !== document.documentElement) {
    const below = [element, ...element.querySelectorAll('*')].find(node => room(node, getComputedStyle(node)));
    let up = null;
    for (let node = element; node && !up; node = above(node)) if (room(node, getComputedStyle(node))) up = node;
    box = (room(element, getComputedStyle(element)) ? element : null) || below || up || box;
  } else if (box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1) {
    const inner = [...document.querySelectorAll('*')].filter(node => room(node, getComputedStyle(node)));
    const area = node => { const r = node.getBoundingClientRect(); return r.width * r.height; };
    box = inner.sort((a, b) => area(b) - area(a))[0] || box;
  }
  const before = [box.scrollLeft, box.scrollTop];
  const page = [box.clientWidth * .9, box.clientHeight * .9];
  const moves = {down: [0, page[1]], up: [0, -page[1]], right: [page[0], 0], left: [-page[0], 0],
    top: [0, -box.scrollHeight], bottom: [0, box.scrollHeight]};
  const [left, top] = moves[direction];
  box.scrollBy({left, top, behavior: 'instant'});
  return [Math.round(box.scrollLeft - before[0]), Math.round(box.scrollTop - before[1])];
}
