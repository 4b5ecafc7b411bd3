element => {
  let shown = element;
  const small = node => { const rect = node.getBoundingClientRect(); return rect.width < 4 || rect.height < 4; };
  if (small(element) && element.labels?.length && !small(element.labels[0])) shown = element.labels[0];
  const around = node => node.assignedSlot || node.parentElement || (node.getRootNode() instanceof ShadowRoot ? node.getRootNode().host : null);
  const visible = () => {
    const rect = shown.getBoundingClientRect();
    const x = rect.left + rect.width / 2, y = rect.top + rect.height / 2;
    const inside = (left, top, right, bottom) => x >= left && y >= top && x <= right && y <= bottom;
    if (!inside(0, 0, innerWidth, innerHeight)) return false;
    for (let node = around(shown); node && node !== document.body && node !== document.documentElement; node = around(node)) {
      const edge = node.getBoundingClientRect();
      if (getComputedStyle(node).overflow !== 'visible' && !inside(edge.left, edge.top, edge.right, edge.bottom)) return false;
    }
    return true;
  };
  if (!visible()) shown.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
  const rect = shown.getBoundingClientRect();
  return [rect.left, rect.top, rect.width, rect.height];
}
